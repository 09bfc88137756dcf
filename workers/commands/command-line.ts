// A command line of which all wrong values are told at once, where commander would end at the first one.

import { type Argument, Command, InvalidArgumentError, type Option } from 'commander';

export class CommandLine extends Command {
  readonly #wrong: string[] = [];

  constructor(name?: string) {
    super(name);
    // Commands made by this one add theirs behind it.
    this.hook('preAction', () => {
      const last = this.#wrong.pop();
      if (last !== undefined) this.error(last, { code: 'commander.invalidArgument' });
    });
  }

  override createCommand(name?: string): Command {
    return new CommandLine(name);
  }

  override addOption(option: Option): this {
    this.#noteWrong(option, (value) => `error: option '${option.flags}' argument '${value}' is invalid.`);
    return super.addOption(option);
  }

  override addArgument(argument: Argument): this {
    this.#noteWrong(
      argument,
      (value) => `error: command-argument value '${value}' is invalid for argument '${argument.name()}'.`,
    );
    return super.addArgument(argument);
  }

  /** With what was wrong before: a line each. */
  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    return super.error([...this.#wrong.splice(0), message].join('\n'), options);
  }

  #noteWrong(value: Pick<Option, 'parseArg'>, told: (text: string) => string): void {
    const parse = value.parseArg;
    if (parse === undefined) return;
    value.parseArg = (text: string, before) => {
      try {
        return parse(text, before);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        this.#wrong.push(`${told(text)} ${error.message}`);
        return before;
      }
    };
  }
}
