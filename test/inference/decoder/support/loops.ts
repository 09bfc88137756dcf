// Loops of a tiny model in which one sees whose prompt is read when, and that what is taken stays within its bounds.

import { expect } from 'vitest';
import { DecodeLoop } from '../../../../workers/inference/decoder/decode-loop.ts';
import { type Context, Forward } from '../../../../workers/inference/decoder/forward.ts';
import { Generation } from '../../../../workers/inference/decoder/generation.ts';
import { BLOCK, toBlocks } from '../../../../workers/inference/decoder/kv-cache.ts';
import type { SlotStep } from '../../../../workers/inference/decoder/step-form.ts';
import type { DecoderShape } from '../../../../workers/inference/model-folder.ts';
import { openSession } from '../../../../workers/inference/session.ts';
import { makeTinyModels } from '../../engine/tiny-models.ts';
import { countOn } from './count-on.ts';

/** Keeps the first token of each chunk, which names its prompt, and where it stood; and the buffers of all caches that it read. */
class Watched extends Forward {
  readonly chunks: string[] = [];
  readonly buffers = new Set<ArrayBuffer>();

  override run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    this.chunks.push(`${steps[0]!.tokens[0]}:${steps[0]!.length / BLOCK}`);
    for (const [name, { data }] of Object.entries(context.feeds(steps.length))) {
      if (name.startsWith('past_')) this.buffers.add((data as Float32Array).buffer as ArrayBuffer);
    }
    return super.run(context, steps, rows, withLogits);
  }
}

/** Counts on by seven, so that guesses are right and a step takes four tokens of room. */
class Foreseen extends Watched {
  override async run(context: Context, steps: readonly SlotStep[], rows: number, withLogits: boolean) {
    return countOn(steps, await super.run(context, steps, rows, withLogits));
  }
}

export interface LoopSizes {
  readonly slots?: number;
  readonly cacheTokens?: number;
  readonly prefixTokens?: number;
}

export class WatchedLoop {
  readonly loop: DecodeLoop;
  readonly #prefill: Watched;
  readonly #decode: Watched;
  readonly #cacheTokens: number;
  readonly #added: Generation[] = [];
  /** How often a generation had to give way. */
  gaveWay = 0;

  constructor(
    make: (decode: typeof Watched) => [Watched, Watched],
    shape: DecoderShape,
    sizes: LoopSizes,
    guesses: number,
  ) {
    const { slots = 4, cacheTokens = 4096, prefixTokens = 0 } = sizes;
    [this.#decode, this.#prefill] = make(guesses > 0 ? Foreseen : Watched);
    this.#cacheTokens = cacheTokens;
    const forwards = { shape, decode: this.#decode, prefill: this.#prefill };
    this.loop = new DecodeLoop({ ...forwards, slots, cacheTokens, prefixTokens, guesses });
  }

  /** Chunks of prompts in the order in which they were read: the first token and the place of each. */
  get chunks(): readonly string[] {
    return this.#prefill.chunks;
  }

  add(...generations: readonly Generation[]): void {
    this.#added.push(...generations);
    for (const each of generations) {
      const { restart } = each;
      each.restart = () => {
        this.gaveWay++;
        restart.call(each);
      };
      this.loop.add(each);
    }
  }

  /** What is told is never less than what generations hold, and never more than there is. */
  async turn(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.loop.turn();
      const there = this.#added.filter((each) => this.loop.find(each.id) === each);
      const held = there.reduce((sum, { length }) => sum + toBlocks(length), 0);
      expect(this.loop.takenTokens).toBeGreaterThanOrEqual(held);
      expect(this.loop.takenTokens).toBeLessThanOrEqual(this.#cacheTokens);
    }
  }

  /** Of all that were added. Nothing is held afterwards, but what is kept of prompts. */
  async finish() {
    while (this.loop.size > 0) await this.turn();
    expect(this.heldBytes).toBe(0);
    expect(this.loop.cachedTokens).toBe(0);
    return Promise.all(this.#added.map(({ ended }) => ended.promise));
  }

  /** Of all caches that were ever read. */
  get heldBytes(): number {
    return [...this.#decode.buffers, ...this.#prefill.buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

export async function openLoops() {
  const tiny = await makeTinyModels();
  const folder = await tiny.text('nb8', { metadata: { 'llama.context_length': 2048 } });
  const session = await openSession(folder);
  const shape = folder.description.shape as DecoderShape;
  return {
    start: (sizes: LoopSizes = {}, guesses = 0) =>
      new WatchedLoop((Decode) => [new Decode(session, shape), new Watched(session, shape)], shape, sizes, guesses),
    async close() {
      await session.release();
      await tiny.remove();
    },
  };
}

export interface Asked {
  /** Answer tokens. */
  readonly limit?: number;
  /** What the prompt begins with. */
  readonly before?: readonly number[];
  readonly temperature?: number;
}

let ids = 0;

/** A prompt of one token again and again, in so many chunks, after others. */
export function generation(token: number, chunks: number, { limit = 4, before = [], temperature = 1 }: Asked = {}) {
  const prompt = [...before, ...Array.from({ length: chunks * BLOCK }, () => token)];
  const id = `${token}-${++ids}`;
  const input = { id, model: 'tiny', prompt: '', maxTokens: limit, stop: [], temperature, seed: token };
  return new Generation({ input, prompt, limit, endTokens: [], bytesOf: () => new Uint8Array(0) });
}
