// The contract of a place that model files come from. A source puts what it can; its failure is told, and the next one
// is asked for what is still missing.

import type { Readable } from 'node:stream';
import type { ManifestEntry, ManifestFile } from './manifest.ts';
import type { Progress } from './progress.ts';

export interface ModelSource {
  /** Whether this source can be asked for this model at all. */
  offers(entry: ManifestEntry): boolean;
  /** What is asked, for the user: "Hugging Face (https://…)". */
  label(entry: ManifestEntry): string;
  /** Puts each wanted file that it has. Throws an Error whose message is the reason when one cannot be had. */
  fetch(request: FetchRequest): Promise<void>;
}

export interface FetchRequest {
  readonly entry: ManifestEntry;
  readonly wanted: readonly ManifestFile[];
  /** Keeps a file's bytes if they are the right ones; throws with both digests if not. */
  readonly put: (file: ManifestFile, from: Readable, onBytes?: (done: number) => void) => Promise<void>;
  /** On the disk of the cache; removed by the store when the pull ends. */
  readonly tempFolder: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}
