// What a process still holds, told by its garbage collector.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap that something still refers to. */
export async function heldBytes(): Promise<number> {
  // What ended in this turn is let go of in the next ones.
  for (let i = 0; i < 3; i++) {
    await nextTurn();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** How many of these something still refers to. */
export async function heldOf(objects: readonly WeakRef<object>[]): Promise<number> {
  await heldBytes();
  return objects.filter((object) => object.deref() !== undefined).length;
}
