// The last resort where calls inside calls are deeper than the stack, in spite of all limits: the constraint's fault, so that it
// is refused, not tried again. How deep the stack goes depends on the machine, so nothing should come to this.

import { tooLarge } from './refusals.ts';

export function withinStack<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw tooLarge('the constraint', 'parts nested too deep in each other');
    throw error;
  }
}
