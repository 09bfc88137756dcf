// Files from a Hugging Face repository, or from a mirror that answers like it (HF_ENDPOINT). The first failure ends the
// source: a hub that refuses one file is not asked for seven more.

import { httpsGet, type Patience } from './https-get.ts';
import { type ManifestEntry, type ManifestFile, pathWithin } from './manifest.ts';
import type { FetchRequest, ModelSource } from './source.ts';

export function huggingFaceSource(endpoint: string, patience: Patience): ModelSource {
  return {
    offers: (entry) => entry.sources.huggingface !== undefined,
    label: () => `Hugging Face (${endpoint})`,
    fetch: async (request) => {
      for (const file of request.wanted) await fetchFile(endpoint, patience, file, request);
    },
  };
}

async function fetchFile(
  endpoint: string,
  patience: Patience,
  file: ManifestFile,
  request: FetchRequest,
): Promise<void> {
  const response = await httpsGet(huggingFaceAddress(endpoint, request.entry, file), patience, request.signal);
  const announced = Number(response.headers['content-length'] ?? file.bytes);
  if (announced !== file.bytes) {
    response.destroy();
    throw new Error(`${file.path}: expected ${file.bytes} bytes, got ${announced}`);
  }
  const task = request.progress.start(`${request.entry.name}: ${file.path} from Hugging Face`, file.bytes);
  let received = 0;
  try {
    await request.put(file, response, (done) => {
      received = done;
      task.update(done);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    throw new Error(`${file.path}: expected ${file.bytes} bytes, the connection ended after ${received}`, {
      cause: error,
    });
  } finally {
    task.end();
  }
}

export function huggingFaceAddress(endpoint: string, entry: ManifestEntry, file: ManifestFile): string {
  const { repo, revision, folder } = entry.sources.huggingface!;
  return `${endpoint.replace(/\/+$/, '')}/${repo}/resolve/${revision}/${pathWithin(folder, file)}`;
}
