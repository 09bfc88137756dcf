// Which number format models are converted to and run in on this CPU.

import { SteadyTextError } from '../errors.ts';
import { cpuClass } from './cpu-class.ts';
import type { ModelKind } from './engine.ts';

/** Those that models are converted to. */
export const NUMBER_FORMATS = ['row8', 'row8u', 'nb8', 'nb4', 'fp32'] as const;

/** own: the numbers that a ready-made graph came with. */
export type NumberFormat = (typeof NUMBER_FORMATS)[number] | 'own';

// Instructions that add products of bytes in 32 bits. Without them onnxruntime adds pairs of products in 16 bits, which
// overflow: row8 would give wrong numbers there, not only slow ones.
const ADDS_BYTES_IN_32_BITS = ['x64-amx', 'x64-avx512vnni', 'x64-avxvnni'];

// What has AVX2 and none of those. Bytes without a sign take a way there that adds in 32 bits, so that row8u, the same numbers
// moved up by 128 (of embedding models a part of them, layers.ts), is right, and faster than blocks, whose bytes are multiplied
// in two halves lest they overflow (Zen 3, one thread, 576 × 1536, row8u against nb8: 1 row 46 µs against 57, 4 rows 82 against
// 151, 64 rows 1020 against 2417; fp32 91, 126 and 1552). On AVX-512 without VNNI nobody has measured.
const FASTEST_IN_ROW8U = ['x64-avx2'];

/** Whole rows in 8 bits, their bytes with or without a sign. */
export function isInRows(format: NumberFormat): format is 'row8' | 'row8u' {
  return format === 'row8' || format === 'row8u';
}

export function runsRow8(cpu: string = cpuClass()): boolean {
  return ADDS_BYTES_IN_32_BITS.includes(cpu);
}

/** Those that this CPU runs, fp32 the last. */
export function runnableFormats(cpu: string = cpuClass()): NumberFormat[] {
  return NUMBER_FORMATS.filter((format) => format !== 'row8' || runsRow8(cpu));
}

/** "auto" is row8 where the CPU runs it, row8u where that is the fastest, and nb8, which every CPU runs alike, elsewhere. */
export function chooseFormat(wanted: NumberFormat | 'auto', cpu: string = cpuClass()): NumberFormat {
  if (wanted !== 'auto') return wanted;
  if (runsRow8(cpu)) return 'row8';
  return FASTEST_IN_ROW8U.includes(cpu) ? 'row8u' : 'nb8';
}

/**
 * For a model of this kind. A reranking model gets nb8 from "auto": what row8 does to rankings nobody has measured with a real
 * one, and blocks are the nearer of the two.
 */
export function chooseFormatOf(kind: ModelKind, wanted: NumberFormat | 'auto', cpu: string = cpuClass()): NumberFormat {
  return wanted === 'auto' && kind === 'reranking' ? 'nb8' : chooseFormat(wanted, cpu);
}

export function checkFormat(name: string, format: NumberFormat, cpu: string = cpuClass()): void {
  if (format !== 'row8' || runsRow8(cpu)) return;
  throw new SteadyTextError(
    'ModelUnsupported',
    `expected a CPU of class ${ADDS_BYTES_IN_32_BITS.join(', ')} to run ${name} in row8, this one is ${cpu}`,
    { hint: 'Leave STEADYTEXT_MODEL_FORMAT at "auto", or set it to row8u, nb8 or nb4, which run on any CPU.' },
  );
}
