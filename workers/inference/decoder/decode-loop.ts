// Continuous batching: generations join and leave between steps. A turn is one decode step of all that run, then one
// prefill chunk of the one that comes next, so a long prompt delays each running answer by one chunk at a time.
//
// Equal bytes: a prompt is always cut at multiples of BLOCK tokens and read alone; a decode step gives each slot the same
// numbers whatever its neighbours and its padding are (step-form.ts, recent-tokens.ts).

import type { DecoderShape } from '../model-folder.ts';
import { chooseRows } from './choose-rows.ts';
import { NO_GUESS } from './drafts.ts';
import { areSound, isSound, notFinite } from './finite.ts';
import type { Forward } from './forward.ts';
import type { Finish, Generation } from './generation.ts';
import { BLOCK, type KvCache } from './kv-cache.ts';
import { PrefixCache } from './prefix-cache.ts';
import { PromptReader, type PromptTokens } from './prompt-reader.ts';
import { MOST_ROWS, RECENT } from './recent-tokens.ts';
import { Slots } from './slots.ts';

export interface DecodeLoopOptions {
  readonly shape: DecoderShape;
  /** Two on one session: each keeps the tensors of its own form of batch. */
  readonly decode: Forward;
  readonly prefill: Forward;
  /** Generations that run at once. */
  readonly slots: number;
  /**
   * Tokens that all caches may have room for together, in whole blocks: slots × the longest of them, the prompt that is
   * being read, and what is kept of earlier prompts. One generation alone never holds more.
   */
  readonly cacheTokens: number;
  /** Of those, how many may be kept of earlier prompts, while nobody else needs their room. 0 keeps none. */
  readonly prefixTokens: number;
  /** Tokens that a step may try out beside the next one, 0 to MOST_ROWS - 1. They change no answer. */
  readonly guesses: number;
}

export class DecodeLoop {
  readonly #options: DecodeLoopOptions;
  readonly #waiting: Generation[] = [];
  readonly #slots: Slots;
  readonly #prefixes: PrefixCache;
  readonly #prompt: PromptReader;

  constructor(options: DecodeLoopOptions) {
    const { shape, prefill, slots, cacheTokens, prefixTokens } = options;
    this.#options = options;
    this.#slots = new Slots(shape, slots, cacheTokens, (tokens) => this.#makeRoom(tokens));
    this.#prefixes = new PrefixCache(shape, Math.min(prefixTokens, cacheTokens));
    const makeRoom = (more: number) => this.#makeRoom(this.#slots.takenTokens, more);
    this.#prompt = new PromptReader({ shape, prefill, slots: this.#slots, prefixes: this.#prefixes, makeRoom });
  }

  get size(): number {
    return this.#everybody().length;
  }

  get promptTokens(): PromptTokens {
    return this.#prompt.tokens;
  }

  /** Tokens that the caches of all that runs have room for just now. */
  get cachedTokens(): number {
    return this.#slots.cachedTokens + this.#prompt.capacity;
  }

  /** Tokens that memory is taken for just now. */
  get takenTokens(): number {
    return this.#slots.takenTokens + this.#prompt.takenTokens + this.#prefixes.tokens;
  }

  add(generation: Generation): void {
    this.#waiting.push(generation);
  }

  find(id: string): Generation | undefined {
    return this.#everybody().find((generation) => generation.id === id);
  }

  /** One decode step and one prefill chunk. */
  async turn(): Promise<void> {
    for (const generation of this.#everybody()) if (generation.cancelled) this.#end(generation, 'cancelled');
    this.#giveWay();
    const running = [...this.#slots.running];
    if (running.length > 0) await this.#guard(running, () => this.#decodeStep(running));
    // The step may have taken the room that the prompt was to have.
    this.#giveWay();
    this.#admit();
    const incoming = this.#prompt.generation;
    if (incoming) await this.#guard([incoming], () => this.#prefillChunk(incoming));
    if (this.size === 0) this.#release();
  }

  /** Rejects everything and gives the memory back. */
  close(error: Error): void {
    for (const generation of this.#everybody()) this.#fail(generation, error);
    this.#release();
    this.#prefixes.shrink(0);
  }

  /** `careful`: without guesses, and with all logits. */
  async #decodeStep(running: readonly Generation[], careful = false): Promise<void> {
    const guesses = running.map((generation) => (careful ? NO_GUESS : this.#guess(generation)));
    const rows = chooseRows(guesses);
    const tried = guesses.map(({ tokens }) => tokens.slice(0, rows - 1));
    const draws = careful || running.some((generation, i) => generation.needsLogits(tried[i]!.length));
    const steps = running.map(({ last, length }, i) => ({
      tokens: [last, ...tried[i]!],
      length,
      recent: length % RECENT,
    }));
    const context = this.#slots.context(this.#prompt.capacity);
    const { fresh, next } = await this.#options.decode.run(context, steps, rows, draws);
    const { shape } = this.#options;
    const sound = running.map((_, slot) => isSound(shape, fresh, slot, rows) && areSound(next[slot]!));
    // A wrong guess may be what has no numbers: 0 × NaN is NaN, so the right token suffers from it. And where all logits are NaN,
    // the best has the id 0. A step changes nothing before its rows are appended, so it is taken again.
    const asked = next.flatMap((of, slot) => of.slice(0, tried[slot]!.length + 1));
    const doubtful = sound.includes(false) || (!draws && asked.some(({ best }) => best === 0));
    if (doubtful && (rows > 1 || !draws)) return this.#decodeStep(running, true);
    const answers = running.map((generation, i) => {
      if (!sound[i]) return notFinite(generation.plan.input.model, generation.length + 1);
      return outcomeOf(() => generation.answersTo(tried[i]!, next[i]!));
    });
    // What is no number must not come into a slot: the next in its place would read it as its padding, times 0.
    for (const [slot, taken] of answers.entries())
      this.#slots.append(slot, fresh, rows, taken instanceof Error ? 0 : taken.length);
    for (const [i, generation] of running.entries()) {
      const taken = answers[i]!;
      if (taken instanceof Error) {
        this.#fail(generation, taken);
        continue;
      }
      generation.learn(tried[i]!.length, taken.length - 1);
      this.#advance(generation, taken);
    }
  }

  /** No further than its block of recent tokens goes, and its answer. */
  #guess(generation: Generation) {
    const room = RECENT - 1 - (generation.length % RECENT);
    return generation.guess(Math.min(this.#options.guesses, MOST_ROWS - 1, room, generation.left - 1));
  }

  async #prefillChunk(generation: Generation): Promise<void> {
    const next = await this.#prompt.chunk();
    if (!next || !this.#advance(generation, generation.answersTo([], next))) return;
    this.#join(generation, this.#prompt.handOver());
  }

  /** What is kept of earlier prompts goes where the slots come to take so many tokens, and the prompt so many more. */
  #makeRoom(slots: number, more = 0): void {
    this.#prefixes.shrink(this.#options.cacheTokens - slots - this.#prompt.takenTokens - more);
  }

  /** The chunks of a prompt that was read, before its cache is given to another. */
  #keep(generation: Generation): void {
    const place = this.#prompt.placeOf(generation) ?? this.#slots.placeOf(generation);
    if (!place) return;
    const keys = generation.chunkKeys.slice(0, Math.floor(generation.length / BLOCK));
    const room = this.#options.cacheTokens - this.#slots.takenTokens - this.#prompt.takenTokens;
    this.#prefixes.keep(keys, place.cache, place.slot, room);
  }

  /** Where memory runs out, those that ran have no cache any more. */
  #join(generation: Generation, cache: KvCache): void {
    try {
      this.#slots.join(generation, cache);
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

  /**
   * In the order of arrival: one that does not fit yet, with a block more for each, is overtaken by nobody. With nothing beside
   * it every prompt fits.
   */
  #admit(): void {
    const generation = this.#waiting[0];
    if (!generation || this.#prompt.generation || this.#slots.full || !this.#fits(BLOCK, generation)) return;
    this.#prompt.begin(generation);
    this.#waiting.shift();
    generation.begin();
  }

  /**
   * Where the next step would need more cache than there is, the newest goes back to wait. It will begin again and come to the
   * same tokens, so this costs time and changes no answer; room kept for the longest possible answers would leave most slots
   * empty.
   */
  #giveWay(): void {
    const incoming = this.#prompt.generation;
    if (incoming && !this.#fits(1, incoming)) {
      this.#keep(incoming);
      this.#prompt.drop();
      this.#waitAgain(incoming);
    }
    while (this.#slots.running.length > 1 && !this.#fits(1)) {
      const newest = this.#slots.newest!;
      this.#keep(newest);
      this.#slots.leave(newest);
      this.#waitAgain(newest);
    }
  }

  #waitAgain(generation: Generation): void {
    generation.restart();
    this.#waiting.unshift(generation);
  }

  /**
   * Whether there is room for so many tokens more of each that runs, and of the one that comes. It has room in its slot, so
   * its prompt has room beside the others while it is read.
   */
  #fits(more: number, coming?: Generation): boolean {
    if (coming && this.#slots.running.length === 0) return true;
    return this.#slots.tokensOf(more, coming?.plan.prompt.length) <= this.#options.cacheTokens;
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
    const waiting = this.#waiting.indexOf(generation);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (this.#prompt.generation === generation) this.#prompt.drop();
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
    const incoming = this.#prompt.generation;
    return [...this.#slots.running, ...(incoming ? [incoming] : []), ...this.#waiting];
  }
}

/** One generation's error is no other's. */
function outcomeOf(run: () => number[]): number[] | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
