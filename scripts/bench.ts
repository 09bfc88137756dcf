// `npm run bench queue|embed|rerank|generate|…`: starts one bench of scripts/bench/ with the rest of the command line.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'bench');
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -3))
  : [];
const benches = [
  ...[
    'queue',
    'cache',
    'batch',
    'monitoring',
    'embed',
    'rerank',
    'generate',
    'serve',
    'node-llama',
    'structured',
    'prefix',
    'memory',
    'sync',
  ],
  ...['determinism', 'quality'],
].filter((name) => names.includes(name));
const [name, ...options] = process.argv.slice(2);

if (name !== undefined && benches.includes(name)) {
  const child = spawn(process.execPath, [join(folder, `${name}.ts`), ...options], { stdio: 'inherit' });
  // Ctrl-C reaches the bench by itself: it is in the same process group, and cleans up after itself.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status) => {
    process.exitCode = status ?? 1;
  });
} else {
  const asked = name === undefined || name === '--help' || name === '-h';
  process[asked ? 'stdout' : 'stderr'].write(
    `${asked ? '' : `Expected one of ${benches.join(', ')}, got ${name}.\n`}Usage: npm run bench -- <${benches.join('|')}> [options]\n` +
      'Each prints its conditions, then what it measured against its rivals and bars; --help tells its options, and\n' +
      'docs/benchmarks.md how to read it. --json FILE keeps every figure. Status 1 when a bar is missed, 2 when the command line cannot be understood.\n',
  );
  process.exitCode = asked ? 0 : 2;
}
