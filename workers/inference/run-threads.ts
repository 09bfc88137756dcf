// How many threads a run may have without a byte of its result being another.

import { readCpuInfo } from './cpu-class.ts';
import type { ModelDescription } from './model-folder.ts';

/** Why a model has fewer threads than were asked for. Closed set; docs/log-events.md has it. */
export type FewerThreads =
  | 'cores of two kinds'
  | 'format nb4'
  | 'ready-made graph'
  | 'heads of keys and values'
  | 'heads';

export interface RunThreads {
  /** 1 or more. */
  readonly threads: number;
  /** Left out where they are as many as were asked for. */
  readonly fewerThreads?: FewerThreads;
}

/**
 * `wanted`, or fewer. onnxruntime deals the products of attention to threads by heads, each whole, as long as there are as many
 * heads as threads; with more threads it cuts products, which changes the order of sums. Products of rounded weights are sums of
 * integers, or of blocks of a row, which no cut changes; those of floats it cuts between rows or columns, not within sums.
 *
 * One where that is not so: in 4-bit blocks, which threads take in tiles of 128 rows, so that a last row alone meets the kernel
 * for one row, whose bits are others (product4.ts); in ready-made graphs, of which nobody knows what they do; and on CPUs whose
 * cores are of two kinds, or may be, where onnxruntime cuts four times as often as it has threads. Nothing is promised of a model of
 * the hub, so that has what was asked for.
 */
export function threadsOf(
  { shape, format }: ModelDescription,
  wanted: number,
  uniform = coresAreOfOneKind(),
): RunThreads {
  const atMost = (most: number, fewerThreads: FewerThreads): RunThreads =>
    wanted <= most ? { threads: wanted } : { threads: most, fewerThreads };
  if (shape.architecture === 'hub') return { threads: wanted };
  if (!uniform) return atMost(1, 'cores of two kinds');
  if (format === 'nb4') return atMost(1, 'format nb4');
  if ('kvHeads' in shape) return atMost(shape.kvHeads, 'heads of keys and values');
  return 'heads' in shape ? atMost(shape.heads, 'heads') : atMost(1, 'ready-made graph');
}

/** Whether all cores of this machine are alike, as far as Linux tells; elsewhere nothing is known, so no. */
export function coresAreOfOneKind(cpuInfo = readCpuInfo()): boolean {
  const vendors = valuesOf(cpuInfo, 'vendor_id');
  if (vendors.has('AuthenticAMD')) return true;
  // Intel's first cores of two kinds came with AVX-VNNI, and without AVX-512.
  if (vendors.has('GenuineIntel'))
    return [...valuesOf(cpuInfo, 'flags')].every((flags) => /\bavx512f\b/.test(flags) || !/\bavx_vnni\b/.test(flags));
  return valuesOf(cpuInfo, 'CPU part').size === 1;
}

function valuesOf(cpuInfo: string, name: string): ReadonlySet<string> {
  return new Set(Array.from(cpuInfo.matchAll(new RegExp(`^${name}\\s*:\\s*(.*)$`, 'gm')), ([, value]) => value!));
}
