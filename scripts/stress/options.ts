// The command line of the sweep.

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Counts } from './round.ts';

export const HELP = `Usage: npm run stress -- [options]
Random requests of all kinds to the default models, each alone in an engine of its own settings, then all at once in several
engines of unlike ones, compared by bytes. Status 1 when any differs; the first that does is written out. docs/determinism.md
says what a round is.
  --seed N         of all that is random (another one each time)
  --embeddings N   (10000)
  --pairs N        of a query and a document to rerank (2000)
  --generations N  (1000)
  --engines N      with company, at once (3)
  --only N         the one round of that number
  --json FILE      what was counted, and the first request that differs, for programs
STEADYTEXT_MODEL_FORMAT (row8 with VNNI or AMX, row8u, nb8, nb4, fp32) and the other settings of docs/configuration.md choose the
models.
`;

export interface CommandLine {
  readonly seed: number;
  readonly counts: Counts;
  readonly engines: number;
  readonly only: number | undefined;
  readonly json: string | undefined;
}

/** Undefined where help is asked for. Throws what is wrong. */
export function readCommandLine(args: readonly string[], defaults: Counts): CommandLine | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      seed: { type: 'string' },
      embeddings: { type: 'string' },
      pairs: { type: 'string' },
      generations: { type: 'string' },
      engines: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const read = (name: Exclude<keyof typeof values, 'help'>, least = 0) => {
    const given = values[name];
    if (given === undefined) return undefined;
    if (/^\d{1,9}$/.test(given) && Number(given) >= least) return Number(given);
    throw new RangeError(`Expected --${name} to be a whole number of at least ${least}, got ${given}.`);
  };
  return {
    seed: read('seed') ?? randomInt(1e9),
    counts: {
      embeddings: read('embeddings') ?? defaults.embeddings,
      pairs: read('pairs') ?? defaults.pairs,
      generations: read('generations') ?? defaults.generations,
    },
    engines: read('engines', 1) ?? 3,
    only: read('only', 1),
    json: values.json,
  };
}

/** What runs this round again. */
export function commandOf({ seed, counts, engines }: CommandLine, round: number): string {
  const { embeddings, pairs, generations } = counts;
  return (
    `npm run stress -- --seed ${seed} --embeddings ${embeddings} --pairs ${pairs} --generations ${generations}` +
    ` --engines ${engines} --only ${round}`
  );
}
