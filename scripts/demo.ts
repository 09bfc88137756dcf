// `npm run demo`: fetches the two default models, starts PostgreSQL and a worker, and asks from plain SQL. Everything is
// stopped at the end; the models stay in the cache folder, so that a second run needs no network.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const command = join(import.meta.dirname, '..', 'bin', 'steadytext.mjs');
const ask = join(import.meta.dirname, 'demo', 'ask.ts');

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(
    'Usage: npm run demo\n\nFetches the default models (once), starts an embedded PostgreSQL and a worker, and generates,\n' +
      'embeds and reranks from SQL as an ordinary login. STEADYTEXT_CACHE_DIR says where models are kept,\n' +
      'HF_ENDPOINT and STEADYTEXT_MODEL_DIR where they come from: see docs/configuration.md.\n',
  );
} else {
  const began = performance.now();
  await step('Models', ['models', 'pull']);
  await step('PostgreSQL, migrated, and a worker', ['dev', '--temp', '--exec', `"${process.execPath}" "${ask}"`]);
  if (!process.exitCode) heading(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s; everything is stopped`);
}

/** Runs one command of ours in the foreground; after one that failed, the next are left out. */
async function step(what: string, args: readonly string[]): Promise<void> {
  if (process.exitCode) return;
  heading(what);
  const child = spawn(process.execPath, [command, ...args], { stdio: 'inherit' });
  // It stops what it started, and we wait for that. A Ctrl-C at a terminal reaches it by itself as well, which it takes for one.
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  process.off('SIGINT', pass).off('SIGTERM', pass);
  process.exitCode = signal === null ? (status ?? 1) : 1;
}

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}
