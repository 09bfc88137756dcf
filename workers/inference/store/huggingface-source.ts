// Files from a Hugging Face repository, or from a mirror that answers like it (HF_ENDPOINT). The first failure ends the
// source: a hub that refuses one file is not asked for seven more.

import type { IncomingMessage } from 'node:http';
import { httpsGet, type Patience } from './https-get.ts';
import { type ManifestEntry, type ManifestFile, pathWithin } from './manifest.ts';
import type { ProgressTask } from './progress.ts';
import type { FetchRequest, ModelSource } from './source.ts';

export function huggingFaceSource(endpoint: string, patience: Patience): ModelSource {
  return {
    offers: (entry) => entry.sources.huggingface !== undefined,
    label: () => `Hugging Face (${withoutLogin(endpoint)})`,
    fetch: (request) => fetchFromHub(endpoint, patience, request),
  };
}

async function fetchFromHub(endpoint: string, patience: Patience, request: FetchRequest): Promise<void> {
  const { entry, wanted, progress } = request;
  const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
  // Begun with the first byte, so that a hub which cannot be reached shows no bar.
  let task: ProgressTask | undefined;
  let before = 0;
  const onBytes = (done: number) => {
    task ??= progress.start(`${entry.name} from Hugging Face`, total);
    task.update(before + done);
  };
  try {
    for (const file of wanted) {
      await fetchFile(endpoint, patience, file, request, onBytes);
      before += file.bytes;
    }
  } finally {
    task?.end();
  }
}

async function fetchFile(
  endpoint: string,
  patience: Patience,
  file: ManifestFile,
  { entry, put, signal }: FetchRequest,
  onBytes: (done: number) => void,
): Promise<void> {
  const response = await httpsGet(huggingFaceAddress(endpoint, entry, file), patience, signal);
  const announced = Number(response.headers['content-length'] ?? file.bytes);
  if (announced !== file.bytes) {
    response.destroy();
    throw new Error(`${file.path}: expected ${file.bytes} bytes, got ${announced}; refused, nothing was kept`);
  }
  let received = 0;
  const watching = watchSpeed(response, () => received, patience);
  const counted = (done: number) => {
    received = done;
    onBytes(done);
  };
  await put(file, response, counted)
    .catch((error) => {
      if (error.code !== 'ECONNRESET') throw error;
      const reason = `${file.path}: expected ${file.bytes} bytes, the connection ended after ${received}`;
      throw new Error(reason, { cause: error });
    })
    .finally(() => clearInterval(watching));
}

/** Silence is not all: a hub that drips would hold up a pull for days, where the next source may have the file at once. */
function watchSpeed(response: IncomingMessage, received: () => number, { slowMs, leastBytes }: Patience) {
  let before = 0;
  return setInterval(() => {
    const bytes = received() - before;
    before += bytes;
    if (bytes < leastBytes) response.destroy(new Error(`sent ${bytes} bytes in ${slowMs / 1000} s, which is too slow`));
  }, slowMs);
}

/** What may be logged and printed of an address: a mirror's may hold a user and a password. */
export function withoutLogin(address: string): string {
  return address.replace(/^(https?:\/\/)[^/?#]*@/, '$1');
}

export function huggingFaceAddress(endpoint: string, entry: ManifestEntry, file: ManifestFile): string {
  const { repo, revision, folder } = entry.sources.huggingface!;
  return `${endpoint.replace(/\/+$/, '')}/${repo}/resolve/${revision}/${pathWithin(folder, file)}`;
}
