// Continuous batching: generations join and leave between steps. A turn is one decode step of all that run, then one
// prefill chunk of the one that comes next, so a long prompt delays each running answer by one chunk at a time.
//
// Equal bytes: a prompt is always cut at multiples of BLOCK tokens and read alone; a decode step gives each slot the same
// numbers whatever its neighbours and its padding are (step-form.ts, recent-tokens.ts).

import type { DecoderShape } from '../model-folder.ts';
import { chooseRows } from './choose-rows.ts';
import { type Guess, NO_GUESS } from './drafts.ts';
import type { Forward, NextToken } from './forward.ts';
import type { Finish, Generation } from './generation.ts';
import { BLOCK, KvCache, toBlocks } from './kv-cache.ts';
import { promptContext } from './prompt-context.ts';
import { MOST_ROWS, RECENT } from './recent-tokens.ts';
import { pickToken } from './sampling.ts';
import { Slots } from './slots.ts';

export interface DecodeLoopOptions {
  readonly shape: DecoderShape;
  /** Two on one session: each keeps the tensors of its own form of batch. */
  readonly decode: Forward;
  readonly prefill: Forward;
  /** Generations that run at once. */
  readonly slots: number;
  /**
   * Tokens that all caches may have room for together, in whole blocks: slots × the longest of them, and the prompt that is
   * being read. One generation alone never holds more.
   */
  readonly cacheTokens: number;
  /** Tokens that a step may try out beside the next one, 0 to MOST_ROWS - 1. They change no answer. */
  readonly guesses: number;
}

export class DecodeLoop {
  readonly #options: DecodeLoopOptions;
  readonly #waiting: Generation[] = [];
  /** The one whose prompt is being read, into a cache of its own. */
  #incoming: Generation | undefined;
  #promptCache: KvCache | undefined;
  readonly #slots: Slots;

  constructor(options: DecodeLoopOptions) {
    this.#options = options;
    this.#slots = new Slots(options.shape, options.slots, options.cacheTokens);
  }

  get size(): number {
    return this.#everybody().length;
  }

  /** Tokens that all caches have memory for just now. */
  get cachedTokens(): number {
    return this.#slots.cachedTokens + (this.#promptCache?.tokens ?? 0);
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
    this.#incoming ??= this.#admit();
    const incoming = this.#incoming;
    if (incoming) await this.#guard([incoming], () => this.#prefillChunk(incoming));
    if (this.size === 0) this.#release();
  }

  /** Rejects everything and gives the memory back. */
  close(error: Error): void {
    for (const generation of this.#everybody()) this.#fail(generation, error);
    this.#release();
  }

  async #decodeStep(running: readonly Generation[]): Promise<void> {
    const draws = running.some((generation) => generation.draws);
    const guesses = running.map((generation) => (draws ? NO_GUESS : this.#guess(generation)));
    const rows = chooseRows(guesses);
    const tried = guesses.map(({ tokens }) => tokens.slice(0, rows - 1));
    const steps = running.map(({ last, length }, i) => ({
      tokens: [last, ...tried[i]!],
      length,
      recent: length % RECENT,
    }));
    const context = this.#slots.context(this.#promptCache?.capacity ?? 0);
    const { fresh, next } = await this.#options.decode.run(context, steps, rows, draws);
    const answers = running.map((generation, i) => answersTo(generation, tried[i]!, next[i]!));
    for (const slot of running.keys()) this.#slots.append(slot, fresh, rows, answers[slot]!.length);
    for (const [i, generation] of running.entries()) {
      if (tried[i]!.length > 0) generation.drafts.learn(tried[i]!.length, answers[i]!.length - 1);
      this.#advance(generation, answers[i]!);
    }
  }

  /** No further than its block of recent tokens goes, and its answer. */
  #guess(generation: Generation): Guess {
    const room = RECENT - 1 - (generation.length % RECENT);
    return generation.drafts.guess(Math.min(this.#options.guesses, MOST_ROWS - 1, room, generation.left - 1));
  }

  async #prefillChunk(generation: Generation): Promise<void> {
    const { prompt } = generation.plan;
    this.#promptCache ??= this.#makePromptCache(prompt);
    const cache = this.#promptCache;
    const tokens = prompt.slice(generation.length, generation.length + BLOCK);
    const steps = [{ tokens, length: generation.length, recent: 0 }];
    const context = promptContext(this.#options.shape, cache, tokens.length);
    const { fresh, next } = await this.#options.prefill.run(context, steps, tokens.length, generation.draws);
    cache.append(0, generation.length, fresh, tokens.length);
    generation.length += tokens.length;
    if (generation.length < prompt.length || !this.#advance(generation, answersTo(generation, [], next[0]!))) return;
    this.#join(generation, cache);
    this.#dropIncoming();
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

  #makePromptCache(prompt: readonly number[]): KvCache {
    const capacity = toBlocks(prompt.length);
    this.#slots.fit(capacity);
    return new KvCache(this.#options.shape, 1, capacity);
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
  #admit(): Generation | undefined {
    const generation = this.#waiting[0];
    if (!generation || this.#slots.full) return undefined;
    return this.#fits(BLOCK, generation) ? this.#waiting.shift() : undefined;
  }

  /**
   * Where the next step would need more cache than there is, the newest goes back to wait. It will begin again and come to the
   * same tokens, so this costs time and changes no answer; room kept for the longest possible answers would leave most slots
   * empty.
   */
  #giveWay(): void {
    const incoming = this.#incoming;
    if (incoming && !this.#fits(1, incoming)) {
      this.#dropIncoming();
      this.#waitAgain(incoming);
    }
    while (this.#slots.running.length > 1 && !this.#fits(1)) {
      const newest = this.#slots.newest!;
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
    if (this.#incoming === generation) this.#dropIncoming();
    this.#slots.leave(generation);
  }

  async #guard(concerned: readonly Generation[], run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      for (const generation of concerned) this.#fail(generation, error);
    }
  }

  #dropIncoming(): void {
    this.#promptCache?.release();
    this.#promptCache = undefined;
    this.#incoming = undefined;
  }

  #release(): void {
    this.#slots.release();
    this.#options.decode.release();
    this.#options.prefill.release();
  }

  #everybody(): Generation[] {
    return [...this.#slots.running, ...(this.#incoming ? [this.#incoming] : []), ...this.#waiting];
  }
}

/** The token that follows, and while that is the one that was tried next, the one after it. */
function answersTo(generation: Generation, tried: readonly number[], next: readonly NextToken[]): number[] {
  const { temperature, seed } = generation.plan.input;
  const answers: number[] = [];
  for (const [i, may] of next.entries()) {
    answers.push(pickToken(may, { temperature, seed, position: generation.position + i }));
    if (answers[i] !== tried[i]) break;
  }
  return answers;
}
