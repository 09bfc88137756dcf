// What every inference bench prints: its conditions, medians over interleaved rounds, and ratios against bars.

import { availableParallelism, cpus, loadavg } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Middle, least and most, as "123 (110–130)". */
export function spread(values: readonly number[]): string {
  const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  return `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`;
}

/** Returns them with those that every bench has. */
export function printConditions(more: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const conditions = {
    CPU: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    'load before': loadavg()[0]!.toFixed(2),
    Node: process.version,
    ...more,
  };
  for (const [name, value] of Object.entries(conditions)) console.log(`${name.padEnd(14)} ${value}`);
  console.log('');
  return conditions;
}

export interface Comparison {
  readonly what: string;
  /** Speeds of each round, ours and theirs in the same order: a ratio is taken within a round. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly rival: string;
  readonly unit: string;
  /** The ratio that must be reached; undefined = told only. */
  readonly bar?: number;
}

export function ratioOf({ ours, theirs }: Comparison): number {
  return median(ours.map((value, round) => value / theirs[round]!));
}

/** Prints a comparison; false when its bar is missed. */
export function printComparison(comparison: Comparison): boolean {
  const { what, ours, theirs, rival, unit, bar } = comparison;
  const ratio = ratioOf(comparison);
  const reached = bar === undefined || ratio >= bar;
  const verdict = bar === undefined ? '' : `, bar ${bar}× ${reached ? 'reached' : 'MISSED'}`;
  console.log(`${what}: ours ${spread(ours)}, ${rival} ${spread(theirs)} ${unit} → ${ratio.toFixed(2)}×${verdict}`);
  return reached;
}

/** Reads `--rounds 5` and the like, and `--json file` for those that write one; prints `help` for --help and returns undefined. */
export function readOptions<Options extends Record<string, number>>(
  help: string,
  defaults: Options,
  { json = false } = {},
): (Options & { readonly json?: string }) | undefined {
  const given = process.argv.slice(2);
  const options: Record<string, number | string> = { ...defaults };
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i]!.replace(/^--/, '');
    if (json && name === 'json' && given[i + 1]) {
      options.json = given[i + 1]!;
      continue;
    }
    const value = Number(given[i + 1]);
    if (name in defaults && Number.isInteger(value) && value > 0) {
      options[name] = value;
      continue;
    }
    if (name !== 'help') {
      console.error(
        `Expected ${Object.keys(defaults)
          .map((known) => `--${known} N`)
          .join(', ')}${json ? ', --json FILE' : ''}, got ${given.slice(i).join(' ')}.`,
      );
      process.exitCode = 2;
    }
    console.log(help);
    return undefined;
  }
  return options as Options & { json?: string };
}
