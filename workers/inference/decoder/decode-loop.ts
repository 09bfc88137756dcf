// Continuous batching: generations join and leave between steps. A turn is one decode step of all that run, then one
// prefill chunk of the one that comes next, so a long prompt delays each running answer by one chunk at a time.
//
// Equal bytes: a prompt is always cut at multiples of BLOCK tokens and prefilled alone; a decode step gives each slot the
// same numbers whatever its neighbours and its padding are (forward.ts, kv-cache.ts).

import type { DecoderShape } from '../model-folder.ts';
import type { Forward } from './forward.ts';
import type { Finish, Generation } from './generation.ts';
import { BLOCK, KvCache, toBlocks } from './kv-cache.ts';
import { pickToken } from './sampling.ts';

export interface DecodeLoopOptions {
  readonly shape: DecoderShape;
  /** Two on one session: each keeps the tensors of its own form of batch. */
  readonly decode: Forward;
  readonly prefill: Forward;
  /** Generations that run at once. */
  readonly slots: number;
  /** Tokens that all running generations may come to hold together; one alone may hold more. */
  readonly cacheTokens: number;
}

export class DecodeLoop {
  readonly #options: DecodeLoopOptions;
  readonly #waiting: Generation[] = [];
  #incoming: { readonly generation: Generation; readonly cache: KvCache } | undefined;
  /** Index = slot of the cache. */
  readonly #running: Generation[] = [];
  #cache: KvCache | undefined;

  constructor(options: DecodeLoopOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#everybody().length;
  }

  add(generation: Generation): void {
    this.#waiting.push(generation);
  }

  find(id: string): Generation | undefined {
    return this.#everybody().find((generation) => generation.id === id);
  }

  /** One decode step and one prefill chunk. */
  async turn(): Promise<void> {
    this.#dropCancelled();
    if (this.#running.length > 0) await this.#guard(this.#running, () => this.#decodeStep());
    this.#admit();
    const incoming = this.#incoming;
    if (incoming)
      await this.#guard([incoming.generation], () => this.#prefillChunk(incoming.generation, incoming.cache));
    if (this.size === 0) this.#releaseCache();
  }

  /** Rejects everything and gives the memory back. */
  close(error: Error): void {
    for (const generation of this.#everybody()) this.#fail(generation, error);
    this.#releaseCache();
  }

  async #decodeStep(): Promise<void> {
    const running = [...this.#running];
    const cache = this.#fitCache(Math.max(...running.map(({ length }) => length + 1)));
    const steps = running.map(({ last, length }) => ({ tokens: [last], length }));
    const { fresh, rows, logits } = await this.#options.decode.run(cache, steps);
    for (const [slot, generation] of running.entries()) {
      cache.append(slot, generation.length, fresh, slot, rows, 1);
      generation.length++;
    }
    // From the last slot to the first: a slot that is left is filled from the end, where nothing is still to be seen to.
    for (let slot = running.length - 1; slot >= 0; slot--) {
      this.#advance(running[slot]!, logits[slot]!);
    }
  }

  async #prefillChunk(generation: Generation, cache: KvCache): Promise<void> {
    const { prompt } = generation.plan;
    const tokens = prompt.slice(generation.length, generation.length + BLOCK);
    const { fresh, rows, logits } = await this.#options.prefill.run(cache, [{ tokens, length: generation.length }]);
    cache.append(0, generation.length, fresh, 0, rows, tokens.length);
    generation.length += tokens.length;
    if (generation.length < prompt.length) return;
    if (!this.#advance(generation, logits[0]!)) return;
    this.#fitCache(generation.length + 1).copySlot(this.#running.length, cache, 0, generation.length);
    this.#running.push(generation);
    this.#dropIncoming();
  }

  /** Gives a generation its next token; false when it ended with it. */
  #advance(generation: Generation, logits: Float32Array): boolean {
    const { temperature, seed } = generation.plan.input;
    try {
      const finish = generation.accept(pickToken(logits, { temperature, seed, position: generation.position }));
      if (finish) this.#end(generation, finish);
      return finish === undefined;
    } catch (error) {
      this.#fail(generation, error);
      return false;
    }
  }

  #admit(): void {
    const next = this.#waiting[0];
    if (!next || this.#incoming || this.#running.length >= this.#options.slots) return;
    const reserved = this.#running.reduce((sum, { reserve }) => sum + toBlocks(reserve), 0);
    if (reserved > 0 && reserved + toBlocks(next.reserve) > this.#options.cacheTokens) return;
    this.#waiting.shift();
    this.#incoming = {
      generation: next,
      cache: new KvCache(this.#options.shape, 1, toBlocks(next.plan.prompt.length)),
    };
  }

  /** The running cache, with room for `tokens` in each slot: never much more, since padding is computed too. */
  #fitCache(tokens: number): KvCache {
    const longest = Math.max(tokens, ...this.#running.map(({ length }) => length + 1));
    const capacity = toBlocks(longest);
    this.#cache ??= new KvCache(this.#options.shape, this.#options.slots, capacity);
    if (capacity > this.#cache.capacity || 2 * capacity <= this.#cache.capacity) {
      this.#cache.resize(
        capacity,
        this.#running.map(({ length }) => length),
      );
    }
    return this.#cache;
  }

  #dropCancelled(): void {
    for (const generation of this.#everybody()) {
      if (generation.cancelled) this.#end(generation, 'cancelled');
    }
  }

  #end(generation: Generation, finish: Finish): void {
    this.#leave(generation);
    generation.finish(finish);
  }

  #fail(generation: Generation, error: unknown): void {
    this.#leave(generation);
    generation.ended.reject(error);
  }

  /** The last slot moves into the place of the one that leaves, so that slots stay without gaps. */
  #leave(generation: Generation): void {
    const waiting = this.#waiting.indexOf(generation);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (this.#incoming?.generation === generation) this.#dropIncoming();
    const slot = this.#running.indexOf(generation);
    if (slot < 0) return;
    const last = this.#running.pop()!;
    if (last === generation) return;
    this.#cache!.copySlot(slot, this.#cache!, this.#running.length, last.length);
    this.#running[slot] = last;
  }

  async #guard(concerned: readonly Generation[], run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      for (const generation of [...concerned]) this.#fail(generation, error);
    }
  }

  #dropIncoming(): void {
    this.#incoming?.cache.release();
    this.#incoming = undefined;
  }

  #releaseCache(): void {
    this.#cache?.release();
    this.#cache = undefined;
  }

  #everybody(): Generation[] {
    return [...this.#running, ...(this.#incoming ? [this.#incoming.generation] : []), ...this.#waiting];
  }
}
