// One run of a decoder's graph: new tokens of some slots in, their key/value rows and what may follow each of them out.
// What onnxruntime gives back is new memory each time, 3 MB a prefill chunk, so it is freed before the
// next run.

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { FreshRows } from './kv-cache.ts';
import { askedRows, fill, type SlotStep } from './step-form.ts';
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
  /** Of each slot: what may follow those of its tokens after which it was asked. */
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
  readonly #outputs: readonly string[];
  #given: readonly Float32Array[] = [];

  constructor(session: InferenceSession, shape: DecoderShape) {
    this.#session = session;
    this.#shape = shape;
    this.#outputs = Array.from({ length: shape.layers }, (_, layer) => `fresh_${layer}`);
  }

  /**
   * Runs slots 0 … steps.length-1 with `rows` new tokens each; a slot that brings fewer is filled up, and what comes of that
   * is to be left aside. What follows is computed only where it is asked: of the default model that is a fifth of all products.
   * Logits come back only on demand: at 8 slots, copying them takes longer than finding the best inside.
   */
  async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean): Promise<ForwardResult> {
    this.release();
    const { capacity, room, forms } = context;
    const form = forms.of(this.#shape, { batch: steps.length, rows, capacity, room });
    fill(form, steps);
    const feeds = { ...context.feeds(steps.length), ...form.feeds, sel: askedRows(steps, rows) };
    const wanted = [...this.#outputs, 'best', ...(withLogits ? ['logits'] : [])];
    const results = await this.#session.run(feeds, wanted);
    const best = results.best!.data as BigInt64Array;
    const logits = results.logits?.data as Float32Array | undefined;
    const width = this.#shape.vocabulary;
    const fresh = this.#outputs.map((name) => results[name]!.data as Float32Array);
    this.#given = logits ? [logits, ...fresh] : fresh;
    const nextOf = (i: number) => ({ best: Number(best[i]), logits: logits?.subarray(i * width, (i + 1) * width) });
    let given = 0;
    return { fresh, next: steps.map(({ asked }) => Array.from({ length: asked }, () => nextOf(given++))) };
  }

  /** Frees the last result. */
  release(): void {
    for (const data of this.#given) freeNow(data);
    this.#given = [];
  }
}
