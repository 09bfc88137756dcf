// Programs that a test runs as an ordinary user, also where the tests themselves are root's.

import type { TestContext } from 'vitest';
import { closedFolder } from '../../workers/dev/system-account.ts';
import { isRoot } from '../dev/world.ts';

export const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534 };

/** Options of child_process: that user's numbers, where this is root. */
export const asOrdinaryUser = isRoot ? { uid: NOBODY.uid, gid: NOBODY.gid } : {};

/** Skips where that user may not get to a folder, as in a checkout below root's home. */
export function skipWhereClosed(context: TestContext, folder: string): void {
  const closed = isRoot ? closedFolder(folder, NOBODY) : undefined;
  if (closed) context.skip(`an ordinary user cannot enter ${closed}, where this checkout lies`);
}
