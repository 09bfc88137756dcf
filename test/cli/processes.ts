// What runs below a process, to show that nothing is left of it. Uses `ps`, which Linux and macOS both have.

import { execFileSync } from 'node:child_process';

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
  readonly command: string;
}

export function listProcesses(): ProcessRow[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,args='], { encoding: 'utf8', maxBuffer: 1e8 });
  return text.split('\n').flatMap((line) => {
    const match = line.match(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/);
    if (!match) return [];
    const [, pid, parent, group, state, command] = match;
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), state: state!, command: command! }];
  });
}

export function childrenOf(pid: number): number[] {
  return listProcesses()
    .filter((row) => row.parent === pid && !row.command.startsWith('ps '))
    .map((row) => row.pid);
}

/** The process and all below it, as long as the links of parents are unbroken. */
export function treeOf(pid: number): ProcessRow[] {
  const rows = listProcesses();
  const found = rows.filter((row) => row.pid === pid);
  for (const parent of found)
    found.push(...rows.filter((row) => row.parent === parent.pid && !row.command.startsWith('ps ')));
  return found;
}

/** A process that has ended and waits for its parent to notice counts as gone. */
export function isAlive(pid: number): boolean {
  return listProcesses().some((row) => row.pid === pid && !row.state.startsWith('Z'));
}
