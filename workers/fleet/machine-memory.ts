// Memory of the machine that a worker is on; in a container, of as much as it may have.

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** As a heartbeat carries it. */
export interface MachineMemory {
  readonly totalBytes: number;
  /** What programs could still get: memory that only keeps files which could be read again is free. */
  readonly freeBytes: number;
  /** Of the worker's own process, without engines. */
  readonly workerBytes: number;
}

export function machineMemory(): MachineMemory {
  const [machine, limit] = [totalmem(), process.constrainedMemory()];
  const isLimited = limit > 0 && limit < machine;
  // Node counts what a container has read from files as used.
  const free = process.availableMemory() + (isLimited ? inactiveFileBytes() : 0);
  const totalBytes = isLimited ? limit : machine;
  return { totalBytes, freeBytes: Math.min(free, totalBytes), workerBytes: process.memoryUsage.rss() };
}

function inactiveFileBytes(): number {
  try {
    const stat = readFileSync('/sys/fs/cgroup/memory.stat', 'utf8');
    return Number(/^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
  } catch {
    // Another system, or the older kind of control groups.
    return 0;
  }
}
