// Builds llama.cpp itself, once, into the cache of the benches: from the source package of its Python binding, since PyPI
// (or the mirror that pip is told to use) is an address that a pull of our models may need too.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment, loadConfig } from '../../../../workers/config.ts';
import { cpuClass } from '../../../../workers/inference/cpu-class.ts';

export const PACKAGE = 'llama-cpp-python';
export const VERSION = '0.3.36';
const SHA256 = '832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e';
const PROGRAMS = ['llama-bench', 'llama-batched-bench', 'llama-quantize', 'llama-server'] as const;
export type Program = (typeof PROGRAMS)[number];

/** What the build needs, and the Debian package that has it. */
const TOOLS = { python3: 'python3-pip', cmake: 'cmake', ninja: 'ninja-build', 'g++': 'g++', tar: 'tar' };

/** For this CPU and with OpenMP, as its own documentation builds it; without what a bench does not need. */
const SETTINGS = [
  ...['CMAKE_BUILD_TYPE=Release', 'GGML_NATIVE=ON', 'BUILD_SHARED_LIBS=OFF'],
  ...['LLAMA_CURL', 'LLAMA_OPENSSL', 'LLAMA_BUILD_UI', 'LLAMA_BUILD_WEBUI', 'LLAMA_USE_PREBUILT_UI'].map(off),
  ...['LLAMA_BUILD_TESTS', 'LLAMA_BUILD_EXAMPLES'].map(off),
];

const run = promisify(execFile);

/** The folder with the programs. Throws an Error that names what is missing, or where the output of the build is. */
export async function buildLlama(): Promise<string> {
  const cache = join(loadConfig(environment()).cacheDir, 'bench');
  // Built for one CPU: a cache that several machines share has one of each class.
  const folder = join(cache, `llama.cpp-${VERSION}-${cpuClass()}`);
  if (PROGRAMS.every((program) => existsSync(join(folder, program)))) return folder;
  await checkTools();
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, 'llama.cpp-'));
  const log = join(cache, 'llama.cpp-build.log');
  try {
    console.log(`Building llama.cpp of ${PACKAGE} ${VERSION} into ${folder} (once; some six minutes on two cores) …`);
    const source = await fetchSource(temporary);
    await keepTileShapes(source);
    const build = join(temporary, 'build');
    await logged(log, 'cmake', ['-S', source, '-B', build, '-G', 'Ninja', ...SETTINGS.map((each) => `-D${each}`)]);
    await logged(log, 'ninja', ['-C', build, ...PROGRAMS]);
    const done = join(temporary, 'done');
    await mkdir(done);
    for (const program of PROGRAMS) await copyFile(join(build, 'bin', program), join(done, program));
    await rm(folder, { recursive: true, force: true });
    await rename(done, folder);
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function checkTools(): Promise<void> {
  const found = await Promise.all(
    Object.keys(TOOLS).map((tool) => run(tool, ['--version']).then(Boolean, () => false)),
  );
  const missing = Object.entries(TOOLS).filter((_, i) => !found[i]);
  if (missing.length === 0) return;
  throw new Error(
    `expected ${Object.keys(TOOLS).join(', ')} to build it with, ${missing.map(([tool]) => tool).join(' and ')} ` +
      `cannot be run: install ${missing.map(([, name]) => name).join(' ')} (names as in Debian)`,
  );
}

/** pip as the machine has it set up (index, mirror, proxy, certificates); it takes no other file than the one of this digest. */
async function fetchSource(folder: string): Promise<string> {
  const wanted = join(folder, 'wanted.txt');
  await writeFile(wanted, `${PACKAGE}==${VERSION} --hash=sha256:${SHA256}\n`);
  const flags = ['--no-deps', '--no-binary', PACKAGE, '--require-hashes', '--no-input', '--progress-bar', 'off'];
  const args = ['-m', 'pip', 'download', ...flags, '-d', folder, '-r', wanted];
  await run('python3', args, { timeout: 600_000, env: { ...environment(), TMPDIR: folder } }).catch((error) => {
    const reasons = String(error.stderr ?? error).match(/^(ERROR|.*No module named).*$/gm);
    throw new Error(`expected pip to download ${PACKAGE} ${VERSION}: ${reasons?.join('; ') ?? error.message}`);
  });
  const file = join(folder, `${PACKAGE.replaceAll('-', '_')}-${VERSION}.tar.gz`);
  await run('tar', ['-xzf', file, '-C', folder]);
  return join(folder, `${PACKAGE.replaceAll('-', '_')}-${VERSION}`, 'vendor', 'llama.cpp');
}

/**
 * GCC 12 leaves out the stores of the shapes of AMX tiles, since its header says of the instruction that loads them that it
 * reads only the first eight bytes; on a CPU with AMX every product in Q8_0 then ends with SIGILL. So that its fastest way
 * is what we compare with, the compiler is told that all memory is read there.
 */
async function keepTileShapes(source: string): Promise<void> {
  const file = join(source, 'ggml', 'src', 'ggml-cpu', 'amx', 'mmq.cpp');
  const load = '_tile_loadconfig(&tc);';
  const text = await readFile(file, 'utf8');
  if (!text.includes(load)) throw new Error(`expected ${load} in ${file}, found none`);
  await writeFile(file, text.replaceAll(load, `__asm__ volatile("" : : "r"(&tc) : "memory"); ${load}`));
}

async function logged(log: string, command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: command === 'cmake' ? 'w' : 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const [status] = await once(child, 'close');
  await new Promise<void>((resolve) => file.end(resolve));
  if (status === 0) return;
  const end = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new Error(
    `expected ${command} to end with status 0, ${status} came; all it said is in ${log}, the end:\n${end}`,
  );
}

function off(setting: string): string {
  return `${setting}=OFF`;
}
