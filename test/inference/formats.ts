// One suite for each number format. row8 needs a CPU that adds bytes in 32 bits; on another one its suites are skipped, and
// counted as skipped.

import { describe } from 'vitest';
import { type NumberFormat, runsRow8 } from '../../workers/inference/choose-format.ts';

export const FORMATS = ['row8', 'nb8', 'fp32'] as const;

export function describeFormat(format: NumberFormat, name: string, suite: () => void): void {
  describe.skipIf(format === 'row8' && !runsRow8())(name, suite);
}

export function describeFormats(
  suite: (format: NumberFormat) => void,
  formats: readonly NumberFormat[] = FORMATS,
): void {
  for (const format of formats) describeFormat(format, format, () => suite(format));
}
