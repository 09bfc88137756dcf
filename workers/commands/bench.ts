// `steadytext bench`: runs a bench of scripts/bench/ where there is a checkout. Benches measure against rivals that a
// plain installation does not have.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { SteadyTextError } from '../errors.ts';
import type { CommandContext } from './context.ts';

/** Those of scripts/bench.ts. */
const BENCHES: readonly string[] = [
  'queue',
  'cache',
  'batch',
  'monitoring',
  'embed',
  'rerank',
  'generate',
  'serve',
  'node-llama',
  'structured',
  'prefix',
  'memory',
  'sync',
  'determinism',
  'quality',
];

const EXAMPLES = `
Examples:
  steadytext bench queue
  steadytext bench generate --help`;

export function registerBench(program: Command, context: CommandContext): void {
  program
    .command('bench')
    .description('measure against rivals in one run (needs a checkout)')
    .argument('[name]', `${BENCHES.slice(0, -1).join(', ')} or ${BENCHES.at(-1)}`, benchName)
    .argument('[options...]', "the bench's own options")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, options: readonly string[]) => runBench(context, name, options));
}

async function runBench(context: CommandContext, name = '--help', options: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL('../../scripts/bench.ts', import.meta.url));
  if (!existsSync(script))
    throw new SteadyTextError(
      'InvalidOption',
      'Expected a checkout with scripts/bench, but this is an installed package.',
      {
        hint: 'Clone the repository, run `npm ci`, then `npm run bench queue`.',
      },
    );
  const child = spawn(process.execPath, [script, name, ...options], { stdio: 'inherit', env: context.env });
  const forget = context.onStop((signal) => child.kill(signal));
  const [status] = (await once(child, 'exit')) as [number | null];
  forget();
  context.setExitStatus(status ?? 1);
}

/** What begins with a dash asks for help, which the bench's own command gives. */
function benchName(name: string): string {
  if (name.startsWith('-') || BENCHES.includes(name)) return name;
  throw new InvalidArgumentError(`Expected one of ${BENCHES.join(', ')}, got ${name}.`);
}
