// Runs converted graphs as an engine does: one thread, inputs made by hand.

import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import type { TinyLlama } from './tiny-llama.ts';

export function openGraph(folder: ModelFolder): Promise<InferenceSession> {
  return InferenceSession.create(join(folder.path, 'graph.onnx'), { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

const int64 = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);

/** The keys and values of a sequence, per layer and kind: [kvHeads, length, headSize]. */
export interface Past {
  readonly length: number;
  readonly parts: ReadonlyMap<string, Float32Array>;
}

export const NO_PAST: Past = { length: 0, parts: new Map() };

export interface Stream {
  readonly ids: readonly number[];
  readonly past: Past;
}

type Sizes = Pick<TinyLlama, 'layers' | 'heads' | 'kvHeads' | 'headSize'>;

/**
 * One step of several sequences, each with as many new tokens; the past is padded to `room` tokens. Gives the logits of the
 * `wanted` rows, or of all.
 */
export async function stepDecoder(
  graph: InferenceSession,
  sizes: Sizes,
  streams: readonly Stream[],
  room = 0,
  wanted?: readonly number[],
) {
  const { layers, heads, kvHeads, headSize } = sizes;
  const batch = streams.length;
  const length = streams[0]!.ids.length;
  const padded = Math.max(room, ...streams.map(({ past }) => past.length));
  const queries = (heads / kvHeads) * length;
  const width = length + padded;
  const parts = 2 * kvHeads;
  const bias = new Float32Array(batch * queries * width);
  streams.forEach(({ past }, b) => {
    for (let query = 0; query < queries; query++) {
      const row = bias.subarray((b * queries + query) * width, (b * queries + query + 1) * width);
      row.fill(-1e30, (query % length) + 1, length);
      row.fill(-1e30, length + past.length);
    }
  });
  const positions = streams.flatMap(({ ids, past }) => ids.map((_, i) => past.length + i));
  const rows = wanted ?? positions.map((_, row) => row);
  const feeds: Record<string, Tensor> = {
    input_ids: int64(
      streams.flatMap(({ ids }) => ids),
      [batch, length],
    ),
    position_ids: int64(positions, [batch, length]),
    sel: int64(rows, [rows.length]),
    bias: new Tensor('float32', bias, [batch, 1, queries, width]),
    // The new tokens are a block of their own: each in the row of its number.
    places: int64(
      Array.from({ length: batch * parts * length }, (_, i) => [
        Math.floor(i / (parts * length)),
        Math.floor(i / length) % parts,
        i % length,
      ]).flat(),
      [batch, parts, length, 3],
    ),
  };
  const noneYet = new Tensor('float32', new Float32Array(batch * parts * length * headSize), [
    batch,
    parts,
    length,
    headSize,
  ]);
  for (let layer = 0; layer < layers; layer++) {
    feeds[`recent_${layer}`] = noneYet;
    for (const part of ['key', 'value']) {
      const room = new Float32Array(batch * kvHeads * padded * headSize);
      streams.forEach(({ past }, b) => {
        const from = past.parts.get(`${part[0]}_${layer}`);
        const size = past.length * headSize;
        for (let head = 0; from && head < kvHeads; head++)
          room.set(from.subarray(head * size, (head + 1) * size), (b * kvHeads + head) * padded * headSize);
      });
      feeds[`past_${part}_${layer}`] = new Tensor('float32', room, [batch, kvHeads, padded, headSize]);
    }
  }
  return graph.run(feeds);
}

type Outputs = Awaited<ReturnType<typeof stepDecoder>>;

/** The past after a first step of one sequence. */
export function pastOf(outputs: Outputs, length: number): Past {
  const parts = new Map<string, Float32Array>();
  for (const [name, { data }] of Object.entries(outputs)) {
    const layer = /^fresh_(\d+)$/.exec(name)?.[1];
    if (layer === undefined) continue;
    const rows = data as Float32Array;
    parts.set(`k_${layer}`, rows.subarray(0, rows.length / 2)).set(`v_${layer}`, rows.subarray(rows.length / 2));
  }
  return { length, parts };
}

export function rowsOf(tensor: Tensor | undefined): Float32Array[] {
  const data = tensor!.data as Float32Array;
  const width = tensor!.dims.at(-1)!;
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

/** Runs texts of any length in one padded batch; returns the states of the real tokens, one list of rows a text. */
export async function runEncoder(graph: InferenceSession, texts: readonly (readonly number[])[], room = 0) {
  const length = Math.max(room, ...texts.map((ids) => ids.length));
  const pad = <T>(values: readonly T[], filler: T) => [...values, ...Array<T>(length - values.length).fill(filler)];
  const dims = [texts.length, length];
  const outputs = await graph.run({
    input_ids: int64(
      texts.flatMap((ids) => pad(ids, 0)),
      dims,
    ),
    attention_mask: int64(
      texts.flatMap((ids) =>
        pad(
          ids.map(() => 1),
          0,
        ),
      ),
      dims,
    ),
  });
  const rows = rowsOf(outputs.last_hidden_state);
  return texts.map((ids, text) => rows.slice(text * length, text * length + ids.length));
}

/** The largest difference of two tables of numbers. */
export function largestDifference(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  if (a.length !== b.length) throw new Error(`Expected ${b.length} rows, got ${a.length}`);
  return Math.max(...a.flatMap((row, r) => Array.from(row, (value, i) => Math.abs(value - b[r]![i]!))));
}
