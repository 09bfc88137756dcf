// How busy the cores are with other people's work, looked at while the bench does nothing.

import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** From here on a bench of several threads says little: threads of llama.cpp wait for each other, engines of ours do not. */
export const QUIET = 0.1;

/** 0..1 of all cores. */
export async function otherLoad(ms = 300): Promise<number> {
  const before = times();
  await sleep(ms);
  const after = times();
  const all = after.all - before.all;
  return all === 0 ? 0 : 1 - (after.idle - before.idle) / all;
}

function times(): { all: number; idle: number } {
  const each = cpus().map((core) => core.times);
  const sum = (of: (core: (typeof each)[number]) => number) => each.reduce((total, core) => total + of(core), 0);
  return {
    all: sum(({ user, nice, sys, irq, idle }) => user + nice + sys + irq + idle),
    idle: sum(({ idle }) => idle),
  };
}
