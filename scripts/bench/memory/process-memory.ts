// What the kernel says of a process's memory, and which processes it has started. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Bytes resident at the worst moment since the process began (VmHWM). */
  readonly peak: number;
  readonly now: number;
}

export function memoryOf(pid: number): ProcessMemory {
  return { peak: field(pid, 'VmHWM') * 1024, now: field(pid, 'VmRSS') * 1024 };
}

export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((child) => child > 0 && isChild(child, pid));
}

function isChild(child: number, parent: number): boolean {
  try {
    return field(child, 'PPid') === parent;
  } catch {
    // It has ended since the folder was read.
    return false;
  }
}

function field(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status);
  if (!found) throw new Error(`Expected ${name} in /proc/${pid}/status, got none: the process has ended.`);
  return Number(found[1]);
}
