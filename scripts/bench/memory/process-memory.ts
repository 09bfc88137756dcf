// What the kernel says of a process's memory, and which processes it has started. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Bytes resident at the worst moment since the process began (VmHWM). */
  readonly peak: number;
  readonly now: number;
  /** Of that, what is in no file; and what is of one, most of it of Node, which all processes share. */
  readonly anonymous: number;
  readonly file: number;
  /** In huge pages. */
  readonly huge: number;
}

export function memoryOf(pid: number): ProcessMemory {
  const of = (name: string, file = 'status') => field(pid, name, file) * 1024;
  return {
    peak: of('VmHWM'),
    now: of('VmRSS'),
    anonymous: of('RssAnon'),
    file: of('RssFile'),
    huge: of('AnonHugePages', 'smaps_rollup'),
  };
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

function field(pid: number, name: string, file = 'status'): number {
  const status = readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status);
  if (!found) throw new Error(`Expected ${name} in /proc/${pid}/${file}, got none: the process has ended.`);
  return Number(found[1]);
}
