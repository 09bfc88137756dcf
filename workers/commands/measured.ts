// What measuring a model in several number formats came to, as a person reads it; and how much is measured by default.

import { cpuClass } from '../inference/cpu-class.ts';
import type { ModelKind } from '../inference/engine.ts';
import type { BenchOptions, BenchResult } from '../inference/measure/bench-model.ts';
import type { Measured } from '../inference/measure/measure-formats.ts';
import type { Quality } from '../inference/measure/quality.ts';
import { meetsBars, verdictOf } from '../inference/measure/verdict.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { type CommandContext, print } from './context.ts';
import { formatRows } from './row-format.ts';

/** Times that speed is measured; tokens of text that a text model has to foresee; and of each answer that is timed. */
export interface Measuring extends Pick<BenchOptions, 'rounds' | 'tokens' | 'newTokens'> {
  /** Bytes that this machine, or the container, has left. */
  readonly freeMemory: () => number;
}

export const MEASURING: Measuring = {
  ...{ rounds: 3, tokens: 2300, newTokens: 48 },
  freeMemory: () => process.availableMemory(),
};

const HEADS: Readonly<Record<string, string>> = {
  prompt: 'prompt tokens/s',
  oneStream: 'tokens/s, 1 stream',
  eightStreams: 'tokens/s, 8 streams',
  texts: 'texts/s',
  pairs: 'pairs/s',
};

export function measuringStep(name: string, done: number, of: number): string {
  return `measuring ${name}: step ${done + 1} of ${of}`;
}

export function printMeasured(context: CommandContext, kind: ModelKind, measured: Measured): void {
  const { result, choice, recommendation, recordedIn } = measured;
  printTable(context, kind, result);
  printConditions(context, measured);
  print(context, `recommended: ${recommendation.format}, ${recommendation.reason}`);
  const { forLittleMemory } = recommendation;
  if (forLittleMemory) print(context, `where memory is short: ${forLittleMemory}, which meets the bars too`);
  if (recordedIn !== undefined)
    print(context, `recorded in ${recordedIn}: "auto" takes it for this model on ${choice.cpuClass}`);
}

function printTable(context: CommandContext, kind: ModelKind, { figures }: BenchResult): void {
  const qualities = {
    text: ['perplexity', 'to fp32', 'over tokens'],
    embedding: ['median cosine', 'least'],
    reranking: ['difference', 'same order'],
  }[kind];
  const speeds = Object.keys(figures[0]!.speeds);
  const heads = ['format', ...qualities, 'bars', ...speeds.map((what) => HEADS[what]!), 'memory', 'file', 'load'];
  const rows = figures.map((its) => [
    its.format,
    ...qualityCells(its.quality),
    its.format === 'fp32' ? '–' : verdictCell(its.quality),
    ...speeds.map((what) => its.speeds[what]!.toFixed(0)),
    formatBytes(its.residentBytes),
    formatBytes(its.fileBytes),
    `${Math.round(its.loadMs)} ms`,
  ]);
  const columns = heads.map((head) => ({ name: head, dataTypeID: 0 }));
  print(context, formatRows(columns, rows, 'table', context.stdout));
}

function qualityCells(quality: Quality): string[] {
  if (quality.kind === 'embedding') return [quality.medianCosine.toFixed(5), quality.leastCosine.toFixed(5)];
  if (quality.kind === 'reranking')
    return [quality.largestDifference.toFixed(4), `${(100 * quality.sameOrder).toFixed(0)} %`];
  const [least, most] = quality.interval.map(percent);
  const { perplexity, excess, tokens } = quality;
  return [perplexity.toFixed(3), `${percent(excess)} (${least} to ${most})`, tokens.toLocaleString('en-US')];
}

function verdictCell(quality: Quality): string {
  const verdict = verdictOf(quality);
  if (verdict !== 'undecided') return verdict;
  return `${meetsBars(quality) ? 'met' : 'missed'} by the figure alone`;
}

function percent(share: number): string {
  return Math.abs(share) > 10 ? 'not known' : `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`;
}

function printConditions(context: CommandContext, { result: { conditions, figures }, choice, seconds }: Measured) {
  const { cpu, cores, node, loadBefore, rounds, text } = conditions;
  const over =
    figures[0]!.quality.kind === 'text' ? `tokens of the ${text} text, intervals of 95 %` : 'the shipped texts';
  print(context, `quality over ${over}; speeds are medians of ${rounds}, memory is of an engine with this model alone`);
  print(
    context,
    `on ${cpu} (${cpuClass()}), ${cores} cores, load ${loadBefore.toFixed(1)} before; node ${node}, onnxruntime ${choice.onnxruntimeVersion}, ` +
      `engine ${choice.engineVersion}, converter ${choice.converterVersion}; ${seconds} s`,
  );
  if (loadBefore > cores / 2) print(context, 'the machine was busy: speeds are lower than they can be, and less sure');
}
