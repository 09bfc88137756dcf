#!/usr/bin/env node
// Starts the command on Node 24 whatever Node called it: where the running one is older, the pinned Node of the `node`
// package runs this file again, with the same arguments, streams, signals and exit status, and ends when this process does.
// Plain JavaScript that Node 20 understands.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST = 24;
const here = dirname(fileURLToPath(import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= OLDEST) await start();
else runAgain(pinnedNode());

/** A package has been built to JavaScript; in a checkout Node strips the types. */
async function start() {
  const cache = compileCache();
  if (cache !== undefined) module.enableCompileCache(cache);
  const built = join(here, '..', 'workers', 'cli.js');
  const entry = existsSync(built) ? built : join(here, '..', 'workers', 'cli.ts');
  const { main } = await import(pathToFileURL(entry).href);
  await main(process.argv.slice(2));
}

/**
 * What Node has compiled stays there, for the next command and for engines: one starts in 0.4 s in place of 1, and in a
 * checkout, where Node need not load its own compiler of types, with 18 MB less. Whoever writes there decides what runs, so it
 * is a folder of the user's own and never below STEADYTEXT_CACHE_DIR, which may be shared, or the current directory, which may
 * be anybody's: relative paths and empty ones count as not given. Where it cannot be written, nothing is kept.
 */
function compileCache() {
  const { XDG_CACHE_HOME = '', HOME = '' } = process.env;
  const xdg = XDG_CACHE_HOME.trim();
  const cache = isAbsolute(xdg) ? xdg : join(isAbsolute(HOME.trim()) ? HOME.trim() : accountHome(), '.cache');
  return isAbsolute(cache) ? join(cache, 'steadytext', 'compiled') : undefined;
}

/** Empty for an account that the system does not know, as in some containers. */
function accountHome() {
  try {
    return userInfo().homedir;
  } catch {
    return '';
  }
}

function pinnedNode() {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
  const node = join(folder, 'bin', 'node');
  if (existsSync(node)) return node;
  process.stderr.write(
    `steadytext needs Node ${OLDEST} or newer; this is ${process.version}, and the pinned one is not at ${node}.\n` +
      'Install again with install scripts allowed (npm ci without --ignore-scripts), or use a newer Node.\n',
  );
  return process.exit(1);
}

function runAgain(node) {
  // The system closes the channel when this process is gone, also by kill -9, and the command below then ends by itself.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal sends its Ctrl-C to both processes; passing it on as well would count as a second one.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (!(signal === 'SIGINT' && atTerminal)) child.kill(signal);
    });
  child.on('error', (error) => {
    process.stderr.write(`Could not start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
