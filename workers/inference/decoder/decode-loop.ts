// Continuous batching: generations join and leave between steps. A turn is one decode step of all that run, a group of similar
// lengths after the other, then one prefill chunk of a prompt that is being read (prompts.ts), so a long prompt delays each running
// answer by one chunk at a time.
//
// Equal bytes: a prompt is always cut at multiples of BLOCK tokens and read alone; a decode step gives each slot the same
// numbers whatever its neighbours and its padding are (step-form.ts, recent-tokens.ts), so whoever shares its group.

import { type DecodeStepOptions, decodeStep } from './decode-step.ts';
import type { Forward } from './forward.ts';
import type { Finish, Generation } from './generation.ts';
import { BLOCK, type KvCache } from './kv-cache.ts';
import { PrefixCache } from './prefix-cache.ts';
import type { PromptTokens } from './prompt-reader.ts';
import { Prompts } from './prompts.ts';
import type { SlotGroup } from './slot-group.ts';
import { Slots } from './slots.ts';
import { WaitingLine } from './waiting-line.ts';

export interface DecodeLoopOptions extends DecodeStepOptions {
  /** On the session of `decode`, with results of its own. */
  readonly prefill: Forward;
  /** Generations that run at once. */
  readonly slots: number;
  /**
   * Tokens that all caches may have room for together, in whole blocks: of each group slots × the longest of them, the
   * prompts that are being read, and what is kept of earlier prompts. One generation alone never holds more.
   */
  readonly cacheTokens: number;
  /** Of those, how many may be kept of earlier prompts, while nobody else needs their room. 0 keeps none. */
  readonly prefixTokens: number;
}

export class DecodeLoop {
  readonly #options: DecodeLoopOptions;
  readonly #waiting = new WaitingLine();
  readonly #slots: Slots;
  readonly #prefixes: PrefixCache;
  readonly #prompts: Prompts;
  /** Those whose prompts are being read and those that run, in the order in which they began. */
  readonly #begun = new Set<Generation>();

  constructor(options: DecodeLoopOptions) {
    const { shape, prefill, slots, cacheTokens, prefixTokens } = options;
    this.#options = options;
    this.#slots = new Slots(shape, slots, cacheTokens, (tokens) => this.#makeRoom(tokens));
    this.#prefixes = new PrefixCache(shape, Math.min(prefixTokens, cacheTokens));
    this.#prompts = new Prompts({
      ...{ shape, prefill, prefixes: this.#prefixes },
      elsewhere: (key, chunk) => this.#slots.rowsOf(key, chunk),
      openCache: (tokens) => this.#orLoseAll(() => this.#slots.openCache(tokens, this.#prompts.capacity)),
      makeRoom: (more) => this.#makeRoom(this.#slots.tokens, more),
    });
  }

  get size(): number {
    return this.#everybody().length;
  }

  get promptTokens(): PromptTokens {
    return this.#prompts.tokens;
  }

  /** Tokens that the caches of all that runs have room for just now. */
  get cachedTokens(): number {
    return this.#slots.tokens + this.#prompts.capacity;
  }

  /** Tokens that memory is taken for just now. */
  get takenTokens(): number {
    return this.#slots.tokens + this.#prompts.takenTokens + this.#prefixes.tokens;
  }

  add(generation: Generation): void {
    this.#waiting.add(generation);
  }

  find(id: string): Generation | undefined {
    return this.#everybody().find((generation) => generation.id === id);
  }

  /** One decode step of each group and one prefill chunk. */
  async turn(): Promise<void> {
    for (const generation of this.#everybody()) if (generation.cancelled) this.#end(generation, 'cancelled');
    this.#giveWay();
    await this.#guard([], async () => this.#orLoseAll(() => this.#slots.arrange(this.#prompts.capacity)));
    for (const group of this.#slots.groups) await this.#guard([...group.running], () => this.#decodeStep(group));
    // The steps may have taken the room that the prompt was to have.
    this.#giveWay();
    const coming = this.#takeNext();
    if (coming) await this.#guard([coming], async () => this.#begin(coming));
    const incoming = this.#prompts.next;
    if (incoming) await this.#guard([incoming], () => this.#prefillChunk(incoming));
    if (this.size === 0) this.#release();
  }

  /** Rejects everything and gives the memory back. */
  close(error: Error): void {
    for (const generation of this.#everybody()) this.#fail(generation, error);
    this.#release();
    this.#prefixes.shrink(0);
  }

  async #decodeStep(group: SlotGroup): Promise<void> {
    const running = [...group.running];
    const answers = await decodeStep(this.#options, group);
    for (const [i, generation] of running.entries()) {
      const taken = answers[i]!;
      if (taken instanceof Error) this.#fail(generation, taken);
      else this.#advance(generation, taken);
    }
  }

  async #prefillChunk(generation: Generation): Promise<void> {
    const next = await this.#prompts.chunk();
    if (!next || !this.#advance(generation, generation.answersTo([], next))) return;
    this.#join(generation, this.#prompts.handOver(generation));
  }

  /** What is kept of earlier prompts goes where the slots come to take so many tokens, and the prompts so many more. */
  #makeRoom(slots: number, more = 0): void {
    this.#prefixes.shrink(this.#options.cacheTokens - slots - this.#prompts.takenTokens - more);
  }

  /** The chunks of a prompt that was read, before its cache is given to another. */
  #keep(generation: Generation): void {
    const place = this.#prompts.placeOf(generation) ?? this.#slots.placeOf(generation);
    if (!place) return;
    const keys = generation.chunkKeys.slice(0, Math.floor(generation.length / BLOCK));
    const room = this.#options.cacheTokens - this.#slots.tokens - this.#prompts.takenTokens;
    this.#prefixes.keep(keys, place.cache, place.slot, room);
  }

  #join(generation: Generation, cache: KvCache): void {
    this.#orLoseAll(() => this.#slots.join(generation, cache, this.#prompts.capacity));
  }

  /** Where memory runs out as groups are made, those that ran have no cache any more. */
  #orLoseAll<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      for (const running of [...this.#slots.running]) this.#fail(running, error);
      throw error;
    }
  }

  /** Gives a generation its next tokens; false when it ended with one of them. */
  #advance(generation: Generation, tokens: readonly number[]): boolean {
    try {
      for (const token of tokens) {
        const finish = generation.accept(token);
        if (!finish) continue;
        this.#end(generation, finish);
        return false;
      }
      return true;
    } catch (error) {
      this.#fail(generation, error);
      return false;
    }
  }

  /** Who begins next, taken out of the line. */
  #takeNext(): Generation | undefined {
    const reading = this.#prompts.lengths;
    if (!this.#slots.hasPlace(reading)) return undefined;
    const mayCome = (coming: Generation) =>
      this.#prompts.mayBegin(coming) && this.#slots.mayJoin(coming.plan.prompt.length, reading);
    // Those that have to wait for a prompt that is being read are not passed by what comes beside it.
    return this.#waiting.take(mayCome, (before) => this.#prompts.mayBegin(before));
  }

  #begin(generation: Generation): void {
    this.#begun.add(generation);
    generation.begin();
    this.#prompts.begin(generation);
  }

  /**
   * Where the next step would need more cache than there is, whoever began last goes back to wait. It will begin again and come to
   * the same tokens, so this costs time and changes no answer; room kept for the longest possible answers would leave most slots
   * empty. A long prompt that is being read does not give way to those that began beside it, so it comes to its end.
   */
  #giveWay(): void {
    while (!this.#slots.fit(this.#prompts.lengths)) {
      const newest = [...this.#begun].at(-1)!;
      this.#keep(newest);
      this.#leave(newest);
      this.#waitAgain(newest);
    }
  }

  #waitAgain(generation: Generation): void {
    generation.restart();
    this.#waiting.addAgain(generation);
  }

  #end(generation: Generation, finish: Finish): void {
    this.#keep(generation);
    this.#leave(generation);
    generation.finish(finish);
  }

  #fail(generation: Generation, error: unknown): void {
    this.#leave(generation);
    generation.ended.reject(error);
  }

  #leave(generation: Generation): void {
    this.#waiting.remove(generation);
    this.#begun.delete(generation);
    this.#prompts.drop(generation);
    this.#slots.leave(generation);
  }

  async #guard(concerned: readonly Generation[], run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      for (const generation of concerned) this.#fail(generation, error);
    }
  }

  #release(): void {
    this.#slots.release();
    this.#options.decode.release();
    this.#options.prefill.release();
  }

  #everybody(): Generation[] {
    return [...this.#slots.running, ...this.#prompts.generations, ...this.#waiting.generations];
  }
}
