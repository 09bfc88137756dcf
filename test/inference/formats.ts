// One suite for each number format. Of whole rows it is the one that this CPU takes: row8 would be refused without VNNI, and
// row8u is for those.

import { describe } from 'vitest';
import { type NumberFormat, runsRow8 } from '../../workers/inference/choose-format.ts';

export const ROWS = runsRow8() ? 'row8' : 'row8u';

export const FORMATS = [ROWS, 'nb8', 'nb4', 'fp32'] as const;

/** Those that workers run; fp32 is to compare with, and has its place where single graphs are tested. */
export const SERVED = [ROWS, 'nb8', 'nb4'] as const;

export function describeFormats(
  suite: (format: NumberFormat) => void,
  formats: readonly NumberFormat[] = SERVED,
): void {
  for (const format of formats) describe(format, () => suite(format));
}
