// pgvector beside the embedded server: a folder of its own that the server is told of, since its own tree is a package's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closedFolder, ROOT_STATE_FOLDER, type SystemAccount } from './system-account.ts';

/** Below the user's cache folder, or below root's state folder where the server's account could not enter that. */
export function vectorFolder(cacheDir: string, account: SystemAccount | undefined): string {
  const parent = closedFolder(cacheDir, account) ? ROOT_STATE_FOLDER : cacheDir;
  return join(parent, 'postgres-extensions', 'vector-18');
}

export function hasVector(folder: string): boolean {
  return existsSync(join(folder, 'share', 'extension', 'vector.control'));
}

/** Settings of a server of 18, the first that looks for extensions elsewhere than in its own tree. A folder may be filled later. */
export function vectorSettings(folder: string): Readonly<Record<string, string>> {
  return {
    extension_control_path: `$system:${join(folder, 'share')}`,
    dynamic_library_path: `$libdir:${join(folder, 'lib')}`,
  };
}
