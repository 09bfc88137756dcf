// `steadytext enqueue generate`: which function its flags call.

import { type Command, InvalidArgumentError } from 'commander';
import type { ApiConnection } from '../queue/api/api-connection.ts';
import {
  enqueueChoice,
  enqueueGenerate,
  enqueueJson,
  enqueueRegex,
  type StructuredCall,
} from '../queue/api/enqueue.ts';

export interface FormFlags {
  readonly schema?: string;
  readonly pattern?: string;
  readonly choice?: readonly string[];
  readonly stop?: string;
}

/** Forms that an answer may have, one of them. */
export function withFormFlags(command: Command): Command {
  return command
    .option(
      '--schema <json>',
      'answer with JSON that is valid in this schema, or the name of a type: integer, boolean …',
      json,
    )
    .option('--pattern <regex>', 'answer with a text that matches this from its first character to its last', someText)
    .option('--choice <text>', 'answer with one of these texts; give it once for each', collect)
    .hook('preAction', () => {
      const { schema, pattern, choice, stop } = command.opts<FormFlags>();
      const forms = [schema, pattern, choice].filter((form) => form !== undefined);
      if (forms.length > 1) command.error('error: expected one of --schema, --pattern and --choice');
      if (forms.length > 0 && stop !== undefined)
        command.error("error: option '--stop <text>' does not go with a form, which ends by itself");
    });
}

export function enqueueInForm(
  db: ApiConnection,
  call: StructuredCall,
  { schema, pattern, choice, stop }: FormFlags,
): Promise<string> {
  if (schema !== undefined) return enqueueJson(db, { ...call, schema });
  if (pattern !== undefined) return enqueueRegex(db, { ...call, pattern });
  if (choice !== undefined) return enqueueChoice(db, { ...call, choices: choice });
  return enqueueGenerate(db, { ...call, eos_string: stop });
}

export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The server refuses an empty one too, and more that looks like none: there it is a failed statement. */
export function someText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected some text.');
  return text;
}

/** A type's name may stand bare: shells eat the quotes that JSON wants around it. */
function json(text: string): string {
  if (/^[a-z]+$/.test(text) && !['true', 'false'].includes(text)) return JSON.stringify(text);
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new InvalidArgumentError('Expected JSON.');
  }
}
