// Cuts a text to the end, as the turns of a batch do bit by bit.

import type { CutText, Cutting } from '../../../workers/inference/encoder/cut-text.ts';

export function cutAtOnce(cutting: Cutting): CutText {
  for (;;) {
    const step = cutting.next();
    if (step.done) return step.value;
  }
}
