// Keeps an eye on weights that engines have mapped: a file that is written in place changes the answers of engines that run.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFolder } from '../../model-folder.ts';
import { WEIGHTS_NAME } from '../onnx/graph-writer.ts';

export interface HeldWeights {
  /** Whether the file that was there holds other bytes by now. Reads it only when its size or times are others. */
  changed(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Of a folder that was just opened. The file itself is held, not its name: one that is removed, or that another is renamed
 * over, stays as it is for whoever has mapped it.
 */
export async function holdWeights({ path, description }: ModelFolder): Promise<HeldWeights> {
  const expected = description.files[WEIGHTS_NAME];
  if (expected === undefined) return { changed: async () => false, close: async () => undefined };
  const file = await open(join(path, WEIGHTS_NAME));
  let known = await stampOf(file);
  return {
    async changed() {
      const stamp = await stampOf(file);
      if (stamp === known) return false;
      // A further link or other rights are another time too, and a reason to end nothing.
      if ((await digestOf(file)) !== expected.sha256) return true;
      known = stamp;
      return false;
    },
    close: () => file.close(),
  };
}

async function stampOf(file: FileHandle): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafe(1 << 20);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(bytes.subarray(0, bytesRead));
    at += bytesRead;
  }
}
