// What every bench makes of its figures: medians over rounds, ratios against bars, conditions; and the options that all of them read.

import { availableParallelism, cpus, loadavg } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** The smallest that so large a part of them do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!;
}

/** Middle, least and most, as "123 (110–130)". */
export function spread(values: readonly number[]): string {
  const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  return `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`;
}

/** Those that every bench has, and more. */
export function conditionsWith(
  more: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  return {
    CPU: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    'load before': loadavg()[0]!.toFixed(2),
    Node: process.version,
    ...more,
  };
}

export function printConditions(conditions: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(conditions)) console.log(`${name.padEnd(14)} ${value}`);
  console.log('');
}

export interface Comparison {
  readonly what: string;
  /** Speeds of each round, ours and theirs in the same order: a ratio is taken within a round. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly rival: string;
  readonly unit: string;
  /** The ratios that must be reached; none = told only. */
  readonly bars?: readonly number[];
}

export function ratioOf({ ours, theirs }: Pick<Comparison, 'ours' | 'theirs'>): number {
  return median(ours.map((value, round) => value / theirs[round]!));
}

/** The line that tells a comparison, with the verdict on each bar; `reached` where it has any. */
export function judged(comparison: Comparison): { line: string; ratio: number; reached?: boolean } {
  const { what, ours, theirs, rival, unit, bars = [] } = comparison;
  const ratio = ratioOf(comparison);
  const verdicts = bars.map((bar) => `, bar ${bar}× ${ratio >= bar ? 'reached' : 'MISSED'}`).join('');
  const line = `${what}: ours ${spread(ours)}, ${rival} ${spread(theirs)} ${unit} → ${ratio.toFixed(2)}×${verdicts}`;
  return { line, ratio, ...(bars.length > 0 && { reached: bars.every((bar) => ratio >= bar) }) };
}

export type Options<Defaults> = Defaults & { readonly json?: string };

/**
 * Reads `--rounds 5` and the like, of which those in `mayBeZero` may be 0, and `--json FILE`. Prints `help` for --help, and says
 * what is wrong with status 2; both give undefined.
 */
export function readOptions<Defaults extends Readonly<Record<string, number>>>(
  help: string,
  defaults: Defaults,
  mayBeZero: readonly (keyof Defaults & string)[] = [],
  given: readonly string[] = process.argv.slice(2),
): Options<Defaults> | undefined {
  const options: Record<string, number | string> = { ...defaults };
  for (let i = 0; i < given.length; i += 2) {
    const [name, value] = [given[i]!.replace(/^--/, ''), given[i + 1]];
    const least = mayBeZero.includes(name) ? 0 : 1;
    if (given[i] === '--json' && value) options.json = value;
    else if (given[i] === `--${name}` && Object.hasOwn(defaults, name) && isNumber(value, least)) {
      options[name] = Number(value);
    } else {
      if (name !== 'help') {
        const known = Object.keys(defaults).map((each) => `--${each} N`);
        const expected = [...known, '--json FILE'].join(', ');
        const numbers =
          mayBeZero.length > 0 ? `N a whole number (0 for --${mayBeZero.join(', --')} alone)` : 'N above 0';
        console.error(`Expected ${expected}, ${numbers}, got ${given.slice(i).join(' ')}.`);
        process.exitCode = 2;
      }
      console.log(help);
      return undefined;
    }
  }
  return options as Options<Defaults>;
}

function isNumber(value: string | undefined, least: number): boolean {
  return value !== undefined && /^\d{1,9}$/.test(value) && Number(value) >= least;
}
