// Generations move among groups as they grow, come and go: each keeps its keys and values, and memory is never above the budget.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Generation } from '../../../workers/inference/decoder/generation.ts';
import { BLOCK, type FreshRows, type KvCache } from '../../../workers/inference/decoder/kv-cache.ts';
import { RECENT, ROOM } from '../../../workers/inference/decoder/recent-tokens.ts';
import type { SlotGroup } from '../../../workers/inference/decoder/slot-group.ts';
import { Slots } from '../../../workers/inference/decoder/slots.ts';
import type { DecoderShape } from '../../../workers/inference/model-folder.ts';

const shape = { layers: 8, heads: 2, kvHeads: 1, headSize: 4 } as DecoderShape;
const TOKEN_BYTES = 2 * shape.layers * shape.headSize * Float32Array.BYTES_PER_ELEMENT;
const COUNT = 8;
const HEADS = 2 * shape.kvHeads;

function generation(seed: number, promptTokens: number): Generation {
  const prompt = Array.from({ length: promptTokens }, (_, i) => i % 50);
  const input = { id: `${seed}`, model: 'm', prompt: '', maxTokens: 1, stop: [], temperature: 0, seed };
  return new Generation({ input, prompt, limit: 4096, endTokens: [], bytesOf: () => new Uint8Array(0) });
}

/** Tells whose it is, and where it stands. */
const rowOf = ({ plan }: Generation, place: number, layer: number, head: number) => [
  ...[plan.input.seed, place, layer, head],
];

/** What a step would give of the next `rows` tokens of each. */
function fresh(generations: readonly Generation[], rows: number): FreshRows {
  return Array.from({ length: shape.layers }, (_, layer) =>
    Float32Array.from(
      generations.flatMap((each) =>
        Array.from({ length: HEADS * rows }, (_, i) =>
          rowOf(each, each.length + (i % rows), layer, Math.floor(i / rows)),
        ).flat(),
      ),
    ),
  );
}

function read(generation: Generation, cache: KvCache): void {
  const { length } = generation.plan.prompt;
  cache.append(0, 0, fresh([generation], length), length);
  generation.length = length;
}

function checkRows(group: SlotGroup): void {
  const feeds = group.context.feeds(group.running.length);
  for (const [slot, each] of group.running.entries()) {
    const whole = each.length - (each.length % RECENT);
    for (const [layer, head] of [
      [0, 0],
      [shape.layers - 1, HEADS - 1],
    ] as const) {
      const expected = (first: number, count: number) =>
        Array.from({ length: count }, (_, i) => rowOf(each, first + i, layer, head)).flat();
      expect([...group.cache.rows(slot, layer, head, 0, whole)]).toEqual(expected(0, whole));
      const start = (slot * HEADS + head) * ROOM * shape.headSize;
      const recent = feeds[`recent_${layer}`]!.data as Float32Array;
      const count = each.length - whole;
      expect([...recent.subarray(start, start + count * shape.headSize)]).toEqual(expected(whole, count));
    }
  }
}

/** A step of every group: `rows` tokens of each, no further than its block. */
function step(slots: Slots, rows: number): void {
  for (const group of slots.groups) {
    const rowsOfAll = fresh(group.running, rows);
    const counts = group.running.map(({ length }) => Math.min(rows, RECENT - (length % RECENT)));
    for (const [slot, count] of counts.entries()) group.append(slot, rowsOfAll, rows, count);
  }
}

/** Bytes of all buffers at the most: of those that grew, and those of caches that were shown. */
function watchMemory() {
  const seen = new Set<ArrayBuffer>();
  const resize = ArrayBuffer.prototype.resize;
  let most = 0;
  const count = () => {
    const bytes = [...seen].reduce((sum, { byteLength }) => sum + byteLength, 0);
    most = Math.max(most, bytes);
  };
  const spy = vi.spyOn(ArrayBuffer.prototype, 'resize').mockImplementation(function (this: ArrayBuffer, bytes) {
    resize.call(this, bytes);
    seen.add(this);
    count();
  });
  return {
    get most() {
      return most;
    },
    show(cache: KvCache) {
      for (let i = 0; i < HEADS * shape.layers; i++) {
        seen.add(cache.rows(0, Math.floor(i / HEADS), i % HEADS, 0, 1).buffer as ArrayBuffer);
      }
      count();
    },
    stop: () => spy.mockRestore(),
  };
}

const length = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 500, max: 2400 }),
);
const happening = fc.oneof(
  fc.record({ kind: fc.constant('come' as const), length }),
  fc.record({ kind: fc.constant('leave' as const), who: fc.nat(COUNT - 1) }),
  fc.record({ kind: fc.constant('leave' as const), who: fc.nat(3) }),
  fc.record({ kind: fc.constant('steps' as const), rows: fc.integer({ min: 1, max: 4 }), count: fc.nat(20) }),
);

test('each keeps its keys and values wherever it is moved, within the budget, also while it moves', {
  timeout: 60_000,
}, () => {
  const seen = { split: 0, merged: 0 };
  fc.assert(
    fc.property(
      fc.array(happening, { minLength: 20, maxLength: 50, size: 'max' }),
      fc.integer({ min: 38, max: 70 }),
      (happenings, blocks) => {
        const budget = blocks * BLOCK;
        let told = 0;
        const slots = new Slots(shape, COUNT, budget, (tokens) => {
          told = tokens;
        });
        const memory = watchMemory();
        const giveWay = () => {
          // One alone that needs more is given it.
          for (const each of [...slots.running]) if (each.length >= budget) slots.leave(each);
          while (!slots.fit()) slots.leave(slots.running.at(-1)!);
        };
        const watched = (change: () => void) => {
          const before = slots.groups;
          change();
          if (slots.groups.length > before.length) seen.split++;
          if (slots.groups.length < before.length) seen.merged++;
        };
        const arrange = () => {
          giveWay();
          watched(() => slots.arrange(0));
          expect(slots.tokens).toBeLessThanOrEqual(budget);
          expect(slots.tokens).toBe(told);
          expect(slots.groups.flatMap(({ running }) => running)).toHaveLength(slots.running.length);
          for (const group of slots.groups) {
            for (const { length } of group.running) expect(length).toBeLessThan(group.width);
          }
        };
        try {
          for (const [seed, each] of happenings.entries()) {
            if (each.kind === 'come' && slots.hasPlace([]) && slots.mayJoin(each.length)) {
              const coming = generation(seed, each.length);
              giveWay();
              const cache = slots.openCache(Math.ceil(each.length / BLOCK) * BLOCK);
              memory.show(cache);
              expect(slots.tokens + cache.tokens).toBeLessThanOrEqual(budget);
              read(coming, cache);
              watched(() => slots.join(coming, cache));
            }
            if (each.kind === 'leave' && slots.running[each.who]) slots.leave(slots.running[each.who]!);
            for (let i = 0; each.kind === 'steps' && i < each.count; i++) {
              arrange();
              step(slots, each.rows);
            }
            arrange();
            for (const group of slots.groups) checkRows(group);
          }
          slots.release();
          expect(slots.tokens).toBe(0);
          // One buffer of all, and the newest tokens of each slot, where it was and where it goes.
          const spare = budget / (2 * shape.layers) + 2 * COUNT * ROOM;
          expect(memory.most).toBeLessThanOrEqual((budget + spare) * TOKEN_BYTES);
        } finally {
          memory.stop();
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(Math.min(seen.split, seen.merged)).toBeGreaterThan(0);
});

test('one joins the group of its width without a copy of the others, and one that leaves gives its memory back', () => {
  const slots = new Slots(shape, COUNT, 64 * BLOCK, () => undefined);
  const all = [100, 90, 80].map((length, seed) => generation(seed, length));
  for (const each of all) {
    const cache = slots.openCache(2 * BLOCK);
    read(each, cache);
    slots.join(each, cache);
  }
  expect(slots.groups).toHaveLength(1);
  const [group] = slots.groups;
  expect(slots.tokens).toBe(3 * 2 * BLOCK);
  slots.leave(all[0]!);
  expect([slots.groups, slots.tokens]).toEqual([[group], 2 * 2 * BLOCK]);
  checkRows(group!);
});
