// The default models with their real weights, fetched and converted once for a machine.

import type { NumberFormat } from '../../workers/inference/choose-format.ts';
import { ensureConverted } from '../../workers/inference/convert/ensure-converted.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { type ModelStore, openModelStore } from '../../workers/inference/store/model-store.ts';
import { testCacheDir } from '../inference/store/test-cache.ts';

// The first run on a machine fetches some 180 MB and converts them.
export const FETCH_TIMEOUT_MS = 900_000;

export const store: ModelStore = openModelStore({ cacheDir: testCacheDir(), hfEndpoint: 'https://huggingface.co' });

export function realModel(name: string, format: NumberFormat): Promise<ModelFolder> {
  return ensureConverted(store, name, format);
}
