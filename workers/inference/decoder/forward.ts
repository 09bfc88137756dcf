// One run of a decoder's graph: new tokens of some slots in, their key/value rows and what may follow each slot's last
// token out. Buffers and tensors are kept while the batch keeps its form: a step at one stream takes 14 ms, and making
// them anew would take one of them. What onnxruntime gives back is new memory each time, 3 MB a prefill chunk, so it is
// freed before the next run.

import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { KvCache } from './kv-cache.ts';

/** New tokens of one slot, to follow the `length` tokens that its cache holds. */
export interface SlotStep {
  readonly tokens: readonly number[];
  readonly length: number;
}

/** Valid until the next run. */
export interface ForwardResult {
  /** k_0, v_0, k_1 …, each [batch, kvHeads, rows, headSize]. */
  readonly fresh: readonly Float32Array[];
  /** What may follow, one a slot. */
  readonly next: readonly NextToken[];
}

export interface NextToken {
  /** The id of the highest logit; of equal ones the lowest. */
  readonly best: number;
  /** All logits, where they were asked for. */
  readonly logits: Float32Array | undefined;
}

/** Adding it to a score leaves exactly 0 after the softmax. */
const MASKED = -1e30;

export class Forward {
  readonly #session: InferenceSession;
  readonly #shape: DecoderShape;
  readonly #outputs: readonly string[];
  #form: StepForm | undefined;
  #given: readonly Float32Array[] = [];

  constructor(session: InferenceSession, shape: DecoderShape) {
    this.#session = session;
    this.#shape = shape;
    this.#outputs = Array.from({ length: shape.layers }, (_, layer) => [`k_${layer}`, `v_${layer}`]).flat();
  }

  /**
   * Runs slots 0 … steps.length-1 of the cache; every step has the same number of tokens. Logits come back only on demand:
   * at 8 slots, copying them takes longer than finding the best inside.
   */
  async run(cache: KvCache, steps: readonly SlotStep[], withLogits: boolean): Promise<ForwardResult> {
    this.release();
    const rows = steps[0]!.tokens.length;
    this.#form = stepForm(this.#shape, this.#form, steps.length, rows, cache.capacity);
    fill(this.#form, steps);
    const wanted = [...this.#outputs, 'best', ...(withLogits ? ['logits'] : [])];
    const results = await this.#session.run({ ...cache.feeds(steps.length), ...this.#form.feeds }, wanted);
    const best = results.best!.data as BigInt64Array;
    const logits = results.logits?.data as Float32Array | undefined;
    const width = this.#shape.vocabulary;
    const fresh = this.#outputs.map((name) => results[name]!.data as Float32Array);
    this.#given = logits ? [logits, ...fresh] : fresh;
    return {
      fresh,
      next: steps.map((_, i) => ({ best: Number(best[i]), logits: logits?.subarray(i * width, (i + 1) * width) })),
    };
  }

  /** Frees the last result. */
  release(): void {
    for (const data of this.#given) freeNow(data);
    this.#given = [];
  }
}

/** The inputs for one form of batch: so many slots, rows a slot, and room in the past. */
interface StepForm {
  readonly batch: number;
  readonly rows: number;
  readonly capacity: number;
  readonly heads: number;
  readonly ids: BigInt64Array;
  readonly positions: BigInt64Array;
  readonly selected: BigInt64Array;
  readonly bias: Float32Array;
  /** Past tokens that the bias lets each slot see. */
  readonly visible: Int32Array;
  readonly feeds: Record<string, Tensor>;
}

function stepForm(
  shape: DecoderShape,
  kept: StepForm | undefined,
  batch: number,
  rows: number,
  capacity: number,
): StepForm {
  if (kept && kept.batch === batch && kept.rows === rows && kept.capacity === capacity) return kept;
  if (kept) freeNow(kept.bias);
  const heads = shape.heads / shape.kvHeads;
  const queries = heads * rows;
  const width = rows + capacity;
  const ids = new BigInt64Array(batch * rows);
  const positions = new BigInt64Array(batch * rows);
  const selected = new BigInt64Array(batch);
  const bias = new Float32Array(batch * queries * width).fill(MASKED);
  for (let query = 0; query < batch * queries; query++) {
    bias.fill(0, query * width, query * width + (query % rows) + 1);
  }
  return {
    batch,
    rows,
    capacity,
    heads,
    ids,
    positions,
    selected,
    bias,
    visible: new Int32Array(batch),
    feeds: {
      input_ids: new Tensor('int64', ids, [batch, rows]),
      position_ids: new Tensor('int64', positions, [batch, rows]),
      sel: new Tensor('int64', selected, [batch]),
      bias: new Tensor('float32', bias, [batch, 1, queries, width]),
    },
  };
}

function fill(form: StepForm, steps: readonly SlotStep[]): void {
  const { rows } = form;
  for (const [slot, { tokens, length }] of steps.entries()) {
    for (const [row, token] of tokens.entries()) {
      form.ids[slot * rows + row] = BigInt(token);
      form.positions[slot * rows + row] = BigInt(length + row);
    }
    form.selected[slot] = BigInt(slot * rows + rows - 1);
    showPast(form, slot, length);
  }
}

/** Scores come in the order new tokens, past, padding, so a longer padding changes no sum. From step to step only one column changes. */
function showPast(form: StepForm, slot: number, length: number): void {
  const { rows, capacity, heads, bias } = form;
  const seen = form.visible[slot]!;
  if (seen === length) return;
  const [from, to, value] = seen < length ? [seen, length, 0] : [length, seen, MASKED];
  const width = rows + capacity;
  for (let query = slot * heads * rows; query < (slot + 1) * heads * rows; query++) {
    bias.fill(value, query * width + rows + from, query * width + rows + to);
  }
  form.visible[slot] = length;
}
