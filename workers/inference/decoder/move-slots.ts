// Brings generations into the groups that they are to run in. A group whose members all stay together, in slots as wide as
// before, stays where it is, and others come into the slots after theirs; all other groups are made anew.

import type { DecoderShape } from '../model-folder.ts';
import type { Generation } from './generation.ts';
import { KvCache } from './kv-cache.ts';
import { RecentTokens } from './recent-tokens.ts';
import { SlotGroup } from './slot-group.ts';

export interface WantedGroup {
  readonly members: readonly Generation[];
  readonly width: number;
}

/** `mostOf`: slots of a width that a group may come to have. Throws where memory runs out; then no group is of any use. */
export function moveSlots(
  shape: DecoderShape,
  present: readonly SlotGroup[],
  wanted: readonly WantedGroup[],
  mostOf: (width: number) => number,
): SlotGroup[] {
  const groups = wanted.map(({ members, width }) => {
    const kept = present.find((group) => staysIn(group, members, width));
    return { members, group: kept ?? emptyGroup(shape, width, mostOf(width)) };
  });
  const emptied = present.filter((each) => groups.every(({ group }) => group !== each));
  const placeOf = (generation: Generation) => present.find(({ running }) => running.includes(generation))!;
  const fillings = groups
    .map(({ members, group }) => ({ group, coming: members.filter((member) => !group.running.includes(member)) }))
    .filter(({ coming }) => coming.length > 0);
  try {
    for (const { group, coming } of fillings) {
      const slots = group.running.length;
      group.recent.resize(slots + coming.length);
      for (const [i, member] of coming.entries()) {
        const from = placeOf(member);
        group.recent.copySlot(slots + i, from.recent, from.running.indexOf(member));
      }
    }
    KvCache.move(
      fillings.map(({ group: { cache }, coming }) => ({
        cache,
        from: coming.map((member) => placeOf(member).tokensOf(member)),
      })),
      emptied.map(({ cache }) => cache),
    );
  } catch (error) {
    for (const { group } of groups) group.release();
    throw error;
  }
  for (const { group, coming } of fillings) group.enter(coming);
  for (const group of emptied) group.release();
  return groups.map(({ group }) => group);
}

function staysIn({ running, width, cache }: SlotGroup, members: readonly Generation[], wanted: number): boolean {
  return width === wanted && cache.most >= members.length && running.every((each) => members.includes(each));
}

function emptyGroup(shape: DecoderShape, width: number, most: number): SlotGroup {
  return new SlotGroup(new KvCache(shape, 0, width, most), new RecentTokens(shape, 0, most));
}
