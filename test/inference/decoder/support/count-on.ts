// An answer that can be foreseen: each token is followed by the one seven further.

import type { Forward } from '../../../../workers/inference/decoder/forward.ts';
import type { SlotStep } from '../../../../workers/inference/decoder/step-form.ts';

type Result = Awaited<ReturnType<Forward['run']>>;

/** The result with that in place of what the model says, of as many of each slot's tokens as it says something of. */
export function countOn(steps: readonly SlotStep[], result: Result): Result {
  const next = steps.map(({ tokens }, slot) => {
    const said = result.next[slot]!;
    const known = tokens.slice(tokens.length - said.length);
    return known.map((token, i) => {
      const best = (token + 7) % 50;
      const logits = said[i]!.logits && new Float32Array(said[i]!.logits.length).fill(1, best, best + 1);
      return { best, logits };
    });
  });
  return { ...result, next };
}
