// The inputs of a run that are not keys and values: token ids, positions, what each token may see, and where its own row
// goes. They are kept from step to step while the batch keeps its form, and only what changed is written.

import { Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';

/** New tokens of one slot, one at least. */
export interface SlotStep {
  readonly tokens: readonly number[];
  /** Tokens before them. */
  readonly length: number;
  /** How many of those lie in the slot's recent block. */
  readonly recent: number;
  /** After how many of the new ones, the last of them, it is asked what follows. */
  readonly asked: number;
}

export interface Dimensions {
  readonly batch: number;
  /** New tokens a slot. */
  readonly rows: number;
  readonly capacity: number;
  readonly room: number;
}

export interface StepForm extends Dimensions {
  /** Query heads a key/value head. */
  readonly group: number;
  readonly maxTokens: number;
  /** Of keys and of values together. */
  readonly heads: number;
  readonly ids: BigInt64Array;
  readonly positions: BigInt64Array;
  readonly places: BigInt64Array;
  readonly bias: Float32Array;
  /** Past tokens that the bias lets each slot see. */
  readonly visible: Int32Array;
  readonly feeds: Record<string, Tensor>;
}

/** Adding it to a score leaves exactly 0 after the softmax. */
const MASKED = -1e30;

export function stepForm(shape: DecoderShape, kept: StepForm | undefined, wanted: Dimensions): StepForm {
  if (kept && SIZES.every((size) => kept[size] === wanted[size])) return kept;
  if (kept) freeNow(kept.bias);
  const { batch, rows, capacity, room } = wanted;
  const heads = 2 * shape.kvHeads;
  const group = shape.heads / shape.kvHeads;
  const queries = group * rows;
  const ids = new BigInt64Array(batch * rows);
  const positions = new BigInt64Array(batch * rows);
  const places = new BigInt64Array(batch * heads * rows * 3);
  const bias = new Float32Array(batch * queries * (room + capacity)).fill(MASKED);
  for (let i = 0; i < batch * heads * rows; i++) {
    places[3 * i] = BigInt(Math.floor(i / (heads * rows)));
    places[3 * i + 1] = BigInt(Math.floor(i / rows) % heads);
  }
  return {
    batch,
    rows,
    capacity,
    room,
    group,
    heads,
    maxTokens: shape.maxTokens,
    ids,
    positions,
    places,
    bias,
    visible: new Int32Array(batch),
    feeds: {
      input_ids: new Tensor('int64', ids, [batch, rows]),
      position_ids: new Tensor('int64', positions, [batch, rows]),
      places: new Tensor('int64', places, [batch, heads, rows, 3]),
      bias: new Tensor('float32', bias, [batch, 1, queries, room + capacity]),
    },
  };
}

const SIZES = ['batch', 'rows', 'capacity', 'room'] as const;

export function fill(form: StepForm, steps: readonly SlotStep[]): void {
  const { rows, heads, ids, positions, places, maxTokens } = form;
  for (const [slot, { tokens, length, recent }] of steps.entries()) {
    for (let row = 0; row < rows; row++) {
      // Rows beyond the slot's tokens are any token at the next places: nobody sees them.
      ids[slot * rows + row] = BigInt(tokens[row] ?? 0);
      positions[slot * rows + row] = BigInt(Math.min(length + row, maxTokens - 1));
      for (let head = 0; head < heads; head++) {
        places[((slot * heads + head) * rows + row) * 3 + 2] = BigInt(recent + row);
      }
    }
    showRecent(form, slot, recent);
    showPast(form, slot, length - recent);
  }
}

/** Among the batch's rows those after which something is asked, slot by slot; the first row where nothing is. */
export function askedRows(steps: readonly SlotStep[], rows: number): Tensor {
  const asked = steps.flatMap(({ tokens, asked }, slot) =>
    Array.from({ length: asked }, (_, i) => BigInt(slot * rows + tokens.length - asked + i)),
  );
  // A product of no rows at all is nothing that onnxruntime is asked for anywhere else.
  if (asked.length === 0) asked.push(0n);
  return new Tensor('int64', BigInt64Array.from(asked), [asked.length]);
}

/** A new token sees those before it in its block, and itself. */
function showRecent({ rows, capacity, room, group, bias }: StepForm, slot: number, recent: number): void {
  const width = room + capacity;
  for (let query = 0; query < group * rows; query++) {
    const start = (slot * group * rows + query) * width;
    const seen = recent + (query % rows) + 1;
    bias.fill(0, start, start + seen);
    bias.fill(MASKED, start + seen, start + room);
  }
}

/** The past stands last, so a longer padding changes no sum. It grows by a block at a time. */
function showPast({ rows, capacity, room, group, bias, visible }: StepForm, slot: number, length: number): void {
  const seen = visible[slot]!;
  if (seen === length) return;
  const [from, to, value] = seen < length ? [seen, length, 0] : [length, seen, MASKED];
  const width = room + capacity;
  for (let query = slot * group * rows; query < (slot + 1) * group * rows; query++) {
    bias.fill(value, query * width + room + from, query * width + room + to);
  }
  visible[slot] = length;
}
