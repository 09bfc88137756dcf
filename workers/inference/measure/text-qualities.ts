// How near the number formats of a text model are to fp32: over some text first, and over more of it where that leaves it open
// whether the bar is met. Over 2,291 tokens the interval of a figure is about as wide as the bar is high.

import { SteadyTextError } from '../../errors.ts';
import type { NumberFormat } from '../choose-format.ts';
import type { ModelFolder } from '../model-folder.ts';
import type { WindowLoss } from './foresee.ts';
import { foreseeInChild } from './foresee-in-child.ts';
import { type TextQuality, textQuality } from './quality.ts';
import { verdictOf } from './verdict.ts';

export interface ForeseeingOptions {
  readonly text: string;
  /** Of the text that are read at first; of what is undecided then, four times as many. */
  readonly tokens: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each format that is measured. */
  readonly onStep: () => void;
  /** Called with the number of such steps, as soon as it is known. */
  readonly onMore: (steps: number) => void;
}

type Losses = ReadonlyMap<NumberFormat, readonly WindowLoss[]>;

const MORE = 4;
/** Of so few nothing can be told, but they are a text. */
const LEAST = 64;

/** One folder a format, fp32 among them. Each quality tells over how many tokens it was measured; that of fp32 is of the most. */
export async function textQualities(
  folders: readonly ModelFolder[],
  options: ForeseeingOptions,
): Promise<Map<NumberFormat, TextQuality>> {
  const { tokens } = options;
  const first = await foreseeAll(folders, tokens, options);
  const read = tokensRead(first.get('fp32')!);
  if (read < LEAST)
    throw new SteadyTextError(
      'InvalidOption',
      `expected a text of at least ${LEAST} tokens to measure ${folders[0]!.description.name}, ${read} came`,
      { hint: 'Take a longer text: what a few thousand tokens show is about as sure as the bar is high.' },
    );
  const qualities = comparedWithFp32(first);
  const again = folders.filter(
    ({ description: { format } }) => format !== 'fp32' && verdictOf(qualities.get(format)!) === 'undecided',
  );
  if (again.length === 0 || read < tokens - 1) return qualities;
  const fp32 = folders.filter(({ description }) => description.format === 'fp32');
  const second = await foreseeAll([...fp32, ...again], MORE * tokens, options);
  return new Map([...qualities, ...comparedWithFp32(second)]);
}

async function foreseeAll(folders: readonly ModelFolder[], tokens: number, options: ForeseeingOptions) {
  const { text, signal, onStep, onMore } = options;
  onMore(folders.length);
  const losses = new Map<NumberFormat, WindowLoss[]>();
  for (const folder of folders) {
    onStep();
    losses.set(folder.description.format, await foreseeInChild({ folder, text, options: { tokens } }, signal));
  }
  return losses;
}

function comparedWithFp32(losses: Losses): Map<NumberFormat, TextQuality> {
  const exact = losses.get('fp32')!;
  return new Map([...losses].map(([format, its]) => [format, textQuality(its, exact)]));
}

/** The first of each window is read and not foreseen. */
function tokensRead(losses: readonly WindowLoss[]): number {
  return losses.reduce((sum, { tokens }) => sum + tokens + 1, 0);
}
