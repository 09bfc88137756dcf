// Files of a data folder, never written through what lies under their name: a link that the server's account left there would
// lead root elsewhere.
import { rmSync, writeFileSync } from 'node:fs';

/** What was there goes, and a link alone goes, not what it leads to. Fails when another one comes in between. */
export function writeAnew(path: string, text: string, options: { mode?: number; flush?: boolean } = {}): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { ...options, flag: 'wx' });
}
