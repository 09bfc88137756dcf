// Names the instruction-set class of this machine's CPU. onnxruntime picks its kernels by it, and each kernel rounds in
// its own way: equal bytes are promised within one class, so the class is part of every receipt.

import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';

/** Best first: the first whose flags are all there names the class. */
const X64_CLASSES: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['amx', ['amx_int8', 'avx512_vnni']],
  ['avx512vnni', ['avx512f', 'avx512bw', 'avx512vl', 'avx512_vnni']],
  ['avx512', ['avx512f', 'avx512bw', 'avx512vl']],
  ['avxvnni', ['avx2', 'fma', 'avx_vnni']],
  ['avx2', ['avx2', 'fma']],
  ['avx', ['avx']],
];

const ARM64_CLASSES: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['i8mm', ['asimddp', 'i8mm']],
  ['dotprod', ['asimddp']],
];

/** As "x64-avx512vnni"; where the system does not list flags (macOS, Windows) the CPU's model stands for them. */
export function cpuClass(): string {
  return cpuClassOf(arch(), cpuFlags(), cpus()[0]?.model ?? 'unknown');
}

export function cpuClassOf(architecture: string, flags: ReadonlySet<string>, model: string): string {
  if (flags.size === 0) return `${architecture}-${model.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const classes = architecture === 'x64' ? X64_CLASSES : architecture === 'arm64' ? ARM64_CLASSES : [];
  const found = classes.find(([, needed]) => needed.every((flag) => flags.has(flag)));
  return found ? `${architecture}-${found[0]}` : architecture;
}

function cpuFlags(): ReadonlySet<string> {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readCpuInfo());
  return new Set(line?.[1]?.trim().split(/\s+/));
}

/** What Linux tells of each core; empty on other systems. */
export function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
