// What an open model takes of an engine's memory.

import type { ModelFolder } from './model-folder.ts';
import { tokenBytes } from './token-bytes.ts';

/**
 * Weights as onnxruntime packs them, and the tokenizer as objects beside them. Measured, resident memory after the load less
 * before it: SmolLM2-135M with 163 MB of files in row8u 198 MB, with 148 in nb8 226 (of which it gave 26 back as others were
 * opened), with 517 in fp32 664; all-MiniLM-L6-v2 with 42 in row8u 40, with 25 in nb8 29, with 87 in fp32 52.
 * So estimated: 236, 216, 696; 79, 57, 137.
 */
const PACKED = 1.3;
const BESIDE_WEIGHTS = 24 * 2 ** 20;

export interface ModelMemory {
  /** Before it was opened. */
  readonly estimate: number;
  /** Of that, what its caches of keys and values may come to take; 0 for models of other kinds than text. */
  readonly cache: number;
}

export function modelMemory({ description }: ModelFolder, slots: number, cacheBytes: number): ModelMemory {
  const { shape } = description;
  const cache = 'kvHeads' in shape ? Math.min(cacheBytes, slots * shape.maxTokens * tokenBytes(shape)) : 0;
  return { cache, estimate: weightsMemory(fileBytes(description)) + cache };
}

/** Of a model whose files have so many bytes, before it was opened. */
export function weightsMemory(bytes: number): number {
  return Math.ceil(PACKED * bytes) + BESIDE_WEIGHTS;
}

/**
 * Once it was opened, by how much more was resident then. What V8 gave back meanwhile hides a part of it, so it is not taken for
 * less than the files and what is beside them.
 */
export function measuredMemory({ description }: ModelFolder, { cache }: ModelMemory, grown: number): number {
  return Math.max(grown, fileBytes(description) + BESIDE_WEIGHTS) + cache;
}

function fileBytes({ files }: ModelFolder['description']): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}
