// Measures what bounds a step on this machine (bounds.c), in a process of its own: what is best of a few rounds, since it is
// a bound.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Bounds {
  /** Read by the threads together, over and over from memory of the size that was asked for. */
  readonly bytesPerSecond: number;
  /** Multiplications and additions of bytes by these instructions; 0 where nobody wrote them for this CPU. */
  readonly operationsPerSecond: number;
  readonly kind: string;
}

export interface BoundsMeter extends AsyncDisposable {
  measure(bytes: number, threads: number): Promise<Bounds>;
}

/** Undefined where there is no C compiler; that was printed. */
export async function boundsMeter(): Promise<BoundsMeter | undefined> {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'steadytext-bounds-'));
  const program = join(folder, 'bounds');
  const source = join(import.meta.dirname, 'bounds.c');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await run('gcc', ['-O3', '-march=native', '-pthread', '-o', program, source]);
  } catch (error) {
    await remove();
    console.log(`WITHOUT the bounds of this machine: expected gcc to compile bounds.c: ${(error as Error).message}\n`);
    return undefined;
  }
  return {
    async measure(bytes, threads) {
      return JSON.parse((await run(program, [String(bytes), String(threads)])).stdout) as Bounds;
    },
    [Symbol.asyncDispose]: remove,
  };
}
