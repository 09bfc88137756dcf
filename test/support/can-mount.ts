// Tests of full and read-only disks mount small ones of their own.

import { execFileSync } from 'node:child_process';

/** Whether this user may mount in a namespace of his own (root may; some systems let nobody else). */
export const canMount = (() => {
  try {
    execFileSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
})();
