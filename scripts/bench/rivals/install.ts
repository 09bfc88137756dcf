// Installs what the benches compare with, into this folder, on the first run of a bench.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;

/**
 * The folder whose node_modules has the rivals. `npm install` with the lockfile, not `npm ci`: the latter stops when a
 * package for another system's CPU is not to be had, as happens with node-llama-cpp's thirteen. Nothing here needs its
 * install script, and onnxruntime's would ask NuGet for CUDA files.
 */
export async function installRivals(): Promise<string> {
  const { dependencies } = (await import('./package.json', { with: { type: 'json' } })).default;
  const missing = Object.keys(dependencies).filter((name) => !existsSync(join(FOLDER, 'node_modules', name)));
  if (missing.length === 0) return FOLDER;
  console.log(`Installing ${missing.join(', ')} into ${FOLDER} (once; some 1.2 GB) …`);
  const npm = spawn('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(npm, 'exit');
  if (status !== 0) throw new Error(`Expected npm install in ${FOLDER} to end with status 0, ${status} came.`);
  return FOLDER;
}
