// Process ids are used again by the system; an id together with its start time is not.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** Something that stays the same for one process and differs for the next one with its id; undefined when it has ended. */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the command in parentheses and may hold spaces: count from its end. Field 3 is the state, 22 the start.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  return ps(pid, 'lstart=');
}

/** The command line, words apart by spaces; undefined when the process has ended. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return undefined;
    }
  }
  return ps(pid, 'command=');
}

/** The id of the user whose it is; undefined when it has ended. */
export function processUser(pid: number): number | undefined {
  if (process.platform === 'linux') return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  const user = ps(pid, 'uid=');
  return user === undefined ? undefined : Number(user);
}

function ps(pid: number, column: string): string | undefined {
  try {
    // Where PATH has an empty part, it is not the current directory, which others may write to.
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
