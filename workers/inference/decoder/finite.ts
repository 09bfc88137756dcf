// Whether a step computed numbers. Weights that are too large for a text give an infinity, then NaN, which spreads to all that
// comes after it in the same sequence; what runs beside it is another sum.
//
// A state that is no number makes the keys and values of all later layers none, so the last layer's tell it, and they are given
// back with every step. Logits are looked at by what their own generation makes of them, and not by whether somebody beside it has
// them given back: all of them after every prompt, where chance draws and where a constraint chooses; else the best one where its id
// is 0, which it has where all are NaN. In row8 a rounded activation is always a number, but the steps in which
// keys, values, what attention hands on and logits are rounded follow from each row, and are none where it has none; the mixture of
// heads (rotate-input.ts) makes one head's all heads'. A single channel that is none may still be rounded away, there and in nb8.

import { SteadyTextError } from '../../errors.ts';
import type { DecoderShape } from '../model-folder.ts';
import type { NextToken } from './forward.ts';
import type { FreshRows } from './kv-cache.ts';

/** Of the batch's element `slot`, which has `rows` new tokens. */
export function isSound({ kvHeads, headSize }: DecoderShape, fresh: FreshRows, slot: number, rows: number): boolean {
  const size = 2 * kvHeads * rows * headSize;
  return allFinite(fresh.at(-1)!.subarray(slot * size, (slot + 1) * size));
}

/** `drawn`: a token is picked from all logits, and else the best one as it is. Without logits only that is known to be sound. */
export function areSound(next: readonly NextToken[], drawn: boolean): boolean {
  return next.every(({ best, logits }) => {
    if (logits === undefined) return !drawn && best !== 0;
    return drawn ? allFinite(logits) : best !== 0 || Number.isFinite(logits[0]);
  });
}

export function notFinite(model: string, tokens: number): SteadyTextError {
  return new SteadyTextError(
    'NotFinite',
    `expected numbers of ${model}, NaN or an infinity came after ${tokens} tokens`,
    {
      hint: 'This text is beyond what the weights can compute: change it, or use another model.',
    },
  );
}

function allFinite(numbers: Float32Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
