// llama.cpp as a rival: its own bench programs over the source file of our default text model, requantised to Q8_0 (like for
// like with 8-bit graphs) and BF16 (its fastest of undamaged quality). Each measuring is a process of its own.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { buildLlama, PACKAGE, type Program, VERSION } from './build.ts';

export const WEIGHTS = ['Q8_0', 'BF16'] as const;
export type Weights = (typeof WEIGHTS)[number];

export interface NativeLlama {
  /** Version of the source and commit, as a phrase. */
  readonly version: string;
  /** Path and bytes of the GGUF file in these numbers. */
  readonly files: Readonly<Record<Weights, { readonly path: string; readonly bytes: number }>>;
  program(name: Program): string;
  /** Streams side by side: prompts of `prompt` tokens read one after the other in one batch, then `tokens` decoded by each. */
  batched(weights: Weights, threads: number, sizes: BatchSizes): Promise<Batched>;
  /** Tokens a second of reading prompts of so many tokens, a figure a prompt. */
  prefill(weights: Weights, threads: number, prompt: number, prompts: number): Promise<readonly number[]>;
}

export interface BatchSizes {
  readonly streams: number;
  readonly prompt: number;
  readonly tokens: number;
}

export interface Batched {
  /** Tokens a second, of all streams together: while they decode, and over the whole time. */
  readonly decode: number;
  readonly whole: number;
}

const run = promisify(execFile);
/** Far more than any of them takes: a program that hangs ends the bench. */
const TIMEOUT = 300_000;
const TRIES = 3;

/** Undefined when it cannot be had here; why was printed. */
export async function nativeLlama(gguf: string): Promise<NativeLlama | undefined> {
  try {
    return await prepare(gguf);
  } catch (error) {
    console.log(`WITHOUT llama.cpp itself: ${(error as Error).message}\n`);
    return undefined;
  }
}

async function prepare(gguf: string): Promise<NativeLlama> {
  const folder = await buildLlama();
  const program = (name: Program) => join(folder, name);
  const fileOf = async (weights: Weights) => {
    const path = join(folder, `${basename(gguf).slice(0, 23)}.${weights}.gguf`);
    if (!existsSync(path)) {
      const made = `${path}.${process.pid}`;
      await run(program('llama-quantize'), ['--allow-requantize', gguf, made, weights, '2'], { timeout: TIMEOUT });
      await rename(made, path);
    }
    return { path, bytes: (await stat(path)).size };
  };
  const files = { Q8_0: await fileOf('Q8_0'), BF16: await fileOf('BF16') };
  const about = await run(program('llama-server'), ['--version']).then(({ stdout, stderr }) => stdout + stderr);
  const commit = /commit (\w+)/.exec(about)?.[1] ?? 'unknown';
  const ask = async (name: Program, weights: Weights, threads: number, args: readonly (string | number)[]) => {
    const all = ['-m', files[weights].path, '-t', threads, '-fa', 'on', ...args].map(String);
    return (await run(program(name), all, { timeout: TIMEOUT, maxBuffer: 2 ** 24 })).stdout;
  };
  return {
    version: `llama.cpp ${commit} of ${PACKAGE} ${VERSION}, built here for this CPU`,
    files,
    program,
    async batched(weights, threads, { streams, prompt, tokens }) {
      const room = streams * roomOf(prompt + tokens);
      const sizes = ['-npp', prompt, '-ntg', tokens, '-npl', streams, '-c', room];
      // Its log has a thread of its own, which may not be done when the process ends: then the line is lost.
      for (let tries = 1; ; tries++) {
        const said = await ask('llama-batched-bench', weights, threads, [...sizes, '--output-format', 'jsonl']);
        const line = said.split('\n').find((each) => each.startsWith('{') && each.endsWith('}'));
        if (line) return ratesOf(line, streams * tokens);
        if (tries === TRIES)
          throw new Error(`Expected a line of JSON from llama-batched-bench, got: ${said.slice(-500)}`);
      }
    },
    async prefill(weights, threads, prompt, prompts) {
      const said = await ask('llama-bench', weights, threads, ['-p', prompt, '-n', 0, '-r', prompts, '-o', 'json']);
      return (JSON.parse(said) as [{ samples_ts: number[] }])[0].samples_ts;
    },
  };
}

function ratesOf(line: string, tokens: number): Batched {
  const { speed_tg: decode, t } = JSON.parse(line) as { speed_tg: number; t: number };
  return { decode, whole: tokens / t };
}

/** Tokens of context that a stream gets: llama.cpp gives each a multiple of 256. */
export function roomOf(tokens: number): number {
  return Math.ceil(tokens / 256) * 256;
}
