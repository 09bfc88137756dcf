// The generations that run, in groups of similar lengths (divide-lengths.ts): what they take is the sum over all groups of slots ×
// width, and never more than the budget.

import type { DecoderShape } from '../model-folder.ts';
import { mayJoin, regroup, tokensOf } from './divide-lengths.ts';
import type { Generation } from './generation.ts';
import { BLOCK, KvCache, type SlotTokens, toBlocks } from './kv-cache.ts';
import { moveSlots } from './move-slots.ts';
import { type ChunkRows, rowsOf } from './prefix-cache.ts';
import { SlotGroup } from './slot-group.ts';

export class Slots {
  readonly #shape: DecoderShape;
  readonly #count: number;
  readonly #budget: number;
  readonly #makeRoom: (tokens: number) => void;
  #groups: readonly SlotGroup[] = [];
  /** In the order in which they joined. */
  readonly #running: Generation[] = [];

  /**
   * `budget` tokens, in whole blocks, are taken at most, unless one generation alone needs more. `makeRoom` hears how many
   * tokens the slots are going to take before they do.
   */
  constructor(shape: DecoderShape, count: number, budget: number, makeRoom: (tokens: number) => void) {
    this.#shape = shape;
    this.#count = count;
    this.#budget = budget;
    this.#makeRoom = makeRoom;
  }

  get groups(): readonly SlotGroup[] {
    return this.#groups;
  }

  get running(): readonly Generation[] {
    return this.#running;
  }

  /** Tokens that memory is taken for. */
  get tokens(): number {
    return this.#groups.reduce((sum, { cache }) => sum + cache.tokens, 0);
  }

  /** Whether one more may come, beside those whose prompts of so many tokens are being read. */
  hasPlace(reading: readonly number[]): boolean {
    return this.#running.length + reading.length < this.#count;
  }

  /**
   * Whether one more is worth running beside them and those whose prompts are being read, with a block more for each. With
   * nothing beside it every prompt is.
   *
   * Beside a long one that leaves little room a few short ones cost a run that later ones could all share. A prompt of 1,500 tokens
   * with an answer of 200 and then seven of 100 with 64, in 2,048 tokens: short answers end after 0.86 of the time in the mean, the
   * first of them 0.56, the long one 1.4, and all of it 1.14.
   */
  mayJoin(promptTokens: number, reading: readonly number[] = []): boolean {
    const widths = [...this.#widths(BLOCK), ...reading.map((tokens) => toBlocks(tokens + BLOCK))];
    return widths.length === 0 || mayJoin(widths, toBlocks(promptTokens + BLOCK), this.#budget);
  }

  /**
   * Whether all have room for their next token, and beside them prompts of so many tokens that are being read, in groups of one
   * if need be. One alone always has.
   */
  fit(reading: readonly number[] = []): boolean {
    const widths = [...this.#widths(1), ...reading.map((tokens) => toBlocks(tokens + 1))];
    return widths.length <= 1 || sum(widths) <= this.#budget;
  }

  /**
   * Takes one in; the cache that its prompt was read into is another's, or empty, afterwards. `beside` tokens of the budget are
   * left for prompts that are being read.
   */
  join(generation: Generation, cache: KvCache, beside = 0): void {
    this.#running.push(generation);
    this.#arrange(beside, [...this.#groups, SlotGroup.ofPrompt(this.#shape, generation, cache)]);
  }

  leave(generation: Generation): void {
    const place = this.#running.indexOf(generation);
    if (place < 0) return;
    this.#running.splice(place, 1);
    this.#groupOf(generation)?.leave(generation);
    this.#groups = this.#groups.filter(({ running }) => running.length > 0);
  }

  /**
   * Groups with room for one more token of each that runs; they leave `beside` tokens of the budget for prompts that are being
   * read. Throws where memory runs out: whoever runs cannot go on then.
   */
  arrange(beside: number): void {
    this.#arrange(beside, this.#groups);
  }

  /** A cache for a prompt, beside those that run and `beside` tokens of other prompts. */
  openCache(tokens: number, beside = 0): KvCache {
    this.arrange(tokens + beside);
    return new KvCache(this.#shape, 1, tokens, this.#mostOf(tokens));
  }

  #arrange(beside: number, present: readonly SlotGroup[]): void {
    const widths = this.#widths(1);
    const known = this.#groups.map(({ running, width }) => ({
      members: running.map((member) => this.#running.indexOf(member)),
      width,
    }));
    const wanted = regroup(known, widths, Math.max(this.#budget - beside, sum(widths)))!;
    try {
      this.#makeRoom(tokensOf(wanted));
      const named = wanted.map(({ members, width }) => ({ members: members.map((i) => this.#running[i]!), width }));
      this.#groups = moveSlots(this.#shape, present, named, (width) => this.#mostOf(width));
    } catch (error) {
      for (const group of present) group.release();
      this.release();
      throw error;
    }
  }

  /** Where a running prompt has a chunk of that name. */
  rowsOf(key: string, chunk: number): ChunkRows | undefined {
    const generation = this.#running.find(({ chunkKeys }) => chunkKeys[chunk] === key);
    const place = generation && this.placeOf(generation);
    return place && rowsOf(place.cache, place.slot, chunk);
  }

  /** Where a generation's keys and values lie before it leaves; undefined where it has none. */
  placeOf(generation: Generation): SlotTokens | undefined {
    return this.#groupOf(generation)?.tokensOf(generation);
  }

  #groupOf(generation: Generation): SlotGroup | undefined {
    return this.#groups.find(({ running }) => running.includes(generation));
  }

  /** Slots of a width that the budget has room for. */
  #mostOf(width: number): number {
    return Math.max(1, Math.min(this.#count, Math.floor(this.#budget / width)));
  }

  /** As wide as slots have to be for so many tokens more. */
  #widths(more: number): number[] {
    return this.#running.map(({ length }) => toBlocks(length + more));
  }

  /** Gives the memory back; whoever still runs cannot go on. */
  release(): void {
    for (const group of this.#groups) group.release();
    this.#groups = [];
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
