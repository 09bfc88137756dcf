// Which format is taken, by what was measured. Pure policy.

import type { NumberFormat } from '../choose-format.ts';
import type { Quality } from './quality.ts';
import { meetsBars, verdictOf } from './verdict.ts';

export interface FormatFigures {
  readonly format: NumberFormat;
  readonly quality: Quality;
  /** By what is counted, a second; more is better. */
  readonly speeds: Readonly<Record<string, number>>;
  /** Of an engine that has loaded it and nothing else. */
  readonly residentBytes: number;
  readonly fileBytes: number;
  readonly loadMs: number;
}

export interface Recommendation {
  readonly format: NumberFormat;
  /** A sentence. */
  readonly reason: string;
  /** Named where memory is short: it meets the bars, and takes less of it. */
  readonly forLittleMemory: NumberFormat | undefined;
}

/**
 * What the table gives a CPU of this class stays unless another is faster by this much: rounds differ by some percent, and machines of
 * a fleet should not choose differently by chance.
 */
const CLEARLY = 1.05;

/** The fastest of those that meet the bars; speeds of several kinds count by their geometric mean. fp32 always meets them. */
export function recommend(figures: readonly FormatFigures[], byDefault: NumberFormat): Recommendation {
  const good = figures.filter(({ format, quality }) => format === 'fp32' || meetsBars(quality));
  const bySpeed = good.toSorted((a, b) => speedOf(b) - speedOf(a));
  const [fastest] = bySpeed;
  if (fastest === undefined) throw new RangeError('fp32 is always measured');
  const usual = good.find(({ format }) => format === byDefault);
  const chosen = usual && speedOf(fastest) < CLEARLY * speedOf(usual) ? usual : fastest;
  const small = good.find(({ format }) => format === 'nb4');
  return {
    format: chosen.format,
    reason: reasonOf(chosen, fastest, good.length === 1) + ofUndecided(figures),
    forLittleMemory: small && small !== chosen && small.residentBytes < chosen.residentBytes ? 'nb4' : undefined,
  };
}

export function speedOf({ speeds }: FormatFigures): number {
  const values = Object.values(speeds);
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function reasonOf(chosen: FormatFigures, fastest: FormatFigures, alone: boolean): string {
  if (alone) return 'no other format meets the quality bars';
  if (chosen === fastest) return 'the fastest that meets the quality bars';
  const percent = Math.round(100 * (speedOf(fastest) / speedOf(chosen) - 1));
  return `it meets the quality bars, and ${fastest.format} is only ${percent} % faster`;
}

function ofUndecided(figures: readonly FormatFigures[]): string {
  const names = figures
    .filter(({ format, quality }) => format !== 'fp32' && verdictOf(quality) === 'undecided')
    .map(({ format }) => format);
  if (names.length === 0) return '';
  const [are, figure, interval] =
    names.length === 1 ? ['is', 'its figure', 'its interval'] : ['are', 'their figures', 'their intervals'];
  return `; ${names.join(' and ')} ${are} judged by ${figure} alone, since the bar lies within ${interval}`;
}
