// One run of a decoder's graph: new tokens of some slots in, their key/value rows and what may follow each of them out.
// What onnxruntime gives back is new memory each time, 3 MB a prefill chunk, so it is freed before the
// next run.

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { FreshRows } from './kv-cache.ts';
import { fill, type SlotStep } from './step-form.ts';
import type { StepForms } from './step-forms.ts';

/** The keys and values that a step reads: past blocks with room for `capacity` tokens a slot, and `room` recent rows. */
export interface Context {
  readonly capacity: number;
  readonly room: number;
  /** The other inputs of those who run with these. */
  readonly forms: StepForms;
  /** Of slots 0 … count-1, as the graph's inputs. */
  readonly feeds: (count: number) => Record<string, Tensor>;
}

/** Valid until the next run. */
export interface ForwardResult {
  readonly fresh: FreshRows;
  /** What may follow each new token of each slot, or only the last of each. */
  readonly next: readonly (readonly NextToken[])[];
}

export interface NextToken {
  /** The id of the highest logit; of equal ones the lowest. */
  readonly best: number;
  /** All logits, where they were asked for. */
  readonly logits: Float32Array | undefined;
}

export class Forward {
  readonly #session: InferenceSession;
  readonly #shape: DecoderShape;
  readonly #after: 'last' | 'each';
  readonly #outputs: readonly string[];
  #given: readonly Float32Array[] = [];

  /** Tells what may follow each new token, or the last one of a slot only. */
  constructor(session: InferenceSession, shape: DecoderShape, after: 'last' | 'each') {
    this.#session = session;
    this.#shape = shape;
    this.#after = after;
    this.#outputs = Array.from({ length: shape.layers }, (_, layer) => `fresh_${layer}`);
  }

  /**
   * Runs slots 0 … steps.length-1 with `rows` new tokens each; a slot that brings fewer is filled up, and what comes of that
   * is to be left aside. Logits come back only on demand: at 8 slots, copying them takes longer than finding the best inside.
   */
  async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean): Promise<ForwardResult> {
    this.release();
    const answers = this.#after === 'each' ? rows : 1;
    const { capacity, room, forms } = context;
    const form = forms.of(this.#shape, { batch: steps.length, rows, answers, capacity, room });
    fill(form, steps);
    const wanted = [...this.#outputs, 'best', ...(withLogits ? ['logits'] : [])];
    const results = await this.#session.run({ ...context.feeds(steps.length), ...form.feeds }, wanted);
    const best = results.best!.data as BigInt64Array;
    const logits = results.logits?.data as Float32Array | undefined;
    const width = this.#shape.vocabulary;
    const fresh = this.#outputs.map((name) => results[name]!.data as Float32Array);
    this.#given = logits ? [logits, ...fresh] : fresh;
    const next = (i: number) => ({ best: Number(best[i]), logits: logits?.subarray(i * width, (i + 1) * width) });
    return { fresh, next: steps.map((_, slot) => Array.from({ length: answers }, (_, i) => next(slot * answers + i))) };
  }

  /** Frees the last result. */
  release(): void {
    for (const data of this.#given) freeNow(data);
    this.#given = [];
  }
}
