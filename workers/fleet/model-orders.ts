// Opens and closes models in the engines of a worker, at an administrator's word.

import type { OrderAnswer } from '../queue/answer-order.ts';
import type { EngineSeat } from './engine-seat.ts';

/** It has just answered something else. */
const ANSWER_MS = 30_000;

/** Those of `names` that engines here hold; every one where that is null. */
function heldOf(seats: readonly EngineSeat[], names: readonly string[] | null): string[] {
  const held = new Set(seats.flatMap((seat) => seat.models.map(({ name }) => name)));
  return [...held].filter((name) => names === null || names.includes(name));
}

function ready(seats: readonly EngineSeat[]): EngineSeat[] {
  return seats.filter(({ state }) => state === 'ready');
}

/** Where not all fit, the first one is open in the end. */
export async function preload(seats: readonly EngineSeat[], names: readonly string[] | null): Promise<OrderAnswer> {
  const able = ready(seats);
  const held = heldOf(able, names);
  if (held.length === 0) return noneHeld(able);
  const closed = new Set<string>();
  const open = async (seat: EngineSeat) => {
    const its = held.filter((name) => seat.host(name) !== undefined);
    for (const name of its.toReversed()) await seat.ask((engine) => engine.open(name));
    const { models } = await seat.describe(ANSWER_MS);
    for (const { name, resident } of models) if (its.includes(name) && !resident) closed.add(name);
  };
  await Promise.all(able.map(open));
  return answerOf(seats, 'open', held, 'not open, since not all fit', closed);
}

export async function unload(seats: readonly EngineSeat[], names: readonly string[] | null): Promise<OrderAnswer> {
  const able = ready(seats);
  const held = heldOf(able, names);
  if (held.length === 0) return noneHeld(able);
  const inUse = new Set<string>();
  // One after the other: the others take what comes meanwhile.
  const hasOpen = async (seat: EngineSeat) => (await seat.describe(ANSWER_MS)).models.some(({ resident }) => resident);
  for (const seat of able) {
    const had = await hasOpen(seat);
    for (const name of held)
      if (seat.host(name) !== undefined && !(await seat.ask((engine) => engine.shut(name)))) inUse.add(name);
    if (had && !(await hasOpen(seat))) await seat.renew();
  }
  return answerOf(seats, 'closed', held, 'in use', inUse);
}

function answerOf(
  seats: readonly EngineSeat[],
  outcome: string,
  names: readonly string[],
  otherwise: string,
  others: ReadonlySet<string>,
): OrderAnswer {
  const told = [
    [outcome, names.filter((name) => !others.has(name))],
    [otherwise, [...others]],
  ] as const;
  const parts = told.flatMap(([what, some]) => (some.length > 0 ? [`${what}: ${some.join(', ')}`] : []));
  const away = seats.length - ready(seats).length;
  if (away > 0) parts.push(`engines that do not run: ${away}`);
  return { done: others.size === 0 && away === 0, detail: parts.join('; ') };
}

function noneHeld(able: readonly EngineSeat[]): OrderAnswer {
  return able.length === 0
    ? { done: false, detail: 'no engine is running' }
    : { done: false, detail: 'its engines hold no such model' };
}
