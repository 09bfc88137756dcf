// How near both sides come to what this machine can do: the reading of all weights for each step of one stream, and products
// of bytes for reading prompts.

import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import type { BoundsMeter } from '../bounds/bounds.ts';
import { median, spread } from '../measure.ts';
import type { Report } from '../report.ts';
import type { NativeLlama, Weights } from '../rivals/native-llama/native-llama.ts';
import type { Case } from './cases.ts';

/** Speeds of each round: ours by form, theirs by numbers. */
export interface Measured {
  readonly case: Case;
  readonly ours: readonly number[][];
  readonly theirs: Readonly<Record<Weights, number[]>>;
  /** Of transformers.js, where it was measured. */
  readonly js: number[];
}

/** Bytes and operations a second, a figure a round. */
export interface MeasuredBounds {
  readonly threads: number;
  readonly one: number[];
  readonly all: number[];
  readonly operations: number[];
  kind: string;
}

const BAR = 0.6;

/** What a step of one token reads: the weights without the table of embeddings, of which it reads one row. */
export function stepBytesOf({ description: { files, format, shape } }: ModelFolder): number {
  const all = files['graph.data']!.bytes;
  return 'vocabulary' in shape && 'hidden' in shape && format !== 'fp32' ? all - shape.vocabulary * shape.hidden : all;
}

export async function addBounds(bounds: MeasuredBounds, meter: BoundsMeter, bytes: number): Promise<void> {
  const all = await meter.measure(bytes, bounds.threads);
  bounds.one.push((await meter.measure(bytes, 1)).bytesPerSecond);
  bounds.all.push(all.bytesPerSecond);
  bounds.operations.push(all.operationsPerSecond);
  bounds.kind = all.kind;
}

export function tellBounds(
  report: Report,
  measured: readonly Measured[],
  bounds: MeasuredBounds,
  model: ModelFolder,
  llama: NativeLlama | undefined,
): void {
  const bytes = stepBytesOf(model);
  const giga = (values: readonly number[]) => spread(values.map((value) => value / 1e9));
  report.tell(
    `\nmemory: 1 thread reads ${(bytes / 1e6).toFixed(0)} MB, our weights of a step, over and over at ${giga(bounds.one)} GB/s, ` +
      `${bounds.threads} together at ${giga(bounds.all)} GB/s`,
    { bytes, ...bounds },
  );
  for (const { case: each, ours, theirs } of measured.filter(({ case: { what } }) => what.startsWith('one stream'))) {
    const bound = each.threads === 1 ? bounds.one : bounds.all;
    const share = (speeds: readonly number[], read: number) =>
      median(speeds.map((speed, round) => (speed * read) / bound[round]!));
    // A bar counts for the form after the first, which takes one token a step.
    for (const [i, { form }] of each.ours.entries()) {
      const [reached, judged] = [share(ours[i]!, bytes) >= BAR, each.bars !== undefined && i === 1];
      const verdict = judged ? `, bar ${100 * BAR} % ${reached ? 'reached' : 'MISSED'}` : '';
      const figures = { what: each.what, form, shareOfMemoryBound: share(ours[i]!, bytes) };
      report.tell(
        `${each.what}; ${form}: ${percent(share(ours[i]!, bytes))} of the memory bound${verdict}`,
        figures,
        judged ? reached : undefined,
      );
    }
    if (!llama) continue;
    for (const [weights, speeds] of Object.entries(theirs)) {
      const shareOfMemoryBound = share(speeds, llama.files[weights as Weights].bytes);
      const figures = { what: each.what, rival: weights, shareOfMemoryBound };
      report.tell(
        `${each.what}; llama.cpp ${weights}: ${percent(shareOfMemoryBound)} of the memory bound, of its own bytes`,
        figures,
      );
    }
  }
  const operations = median(bounds.operations);
  // Nobody wrote them for this CPU.
  if (operations === 0) return;
  const reading = measured.filter(({ case: { what } }) => what.startsWith('reading')).at(-1)!;
  // Two for each weight of the layers; the head runs for the last token only.
  const { shape } = model.description;
  const perToken = 2 * (bytes - ('vocabulary' in shape && 'hidden' in shape ? shape.vocabulary * shape.hidden : 0));
  const shareOfCompute = (median(reading.ours[0]!) * perToken) / operations;
  report.tell(
    `compute: ${bounds.threads} threads do ${(operations / 1e9).toFixed(0)} billion operations a second in ${bounds.kind} on bytes in ` +
      `registers; ${reading.case.what}: about ${(perToken / 1e6).toFixed(0)} million a token, ours ${percent(shareOfCompute)} of that`,
    { operationsPerSecond: operations, perToken, shareOfCompute },
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
