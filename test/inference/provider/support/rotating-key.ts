// A provider whose key lies in a file that changes.

import { rm, writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { ProviderEngine } from '../../../../workers/inference/provider/provider-engine.ts';
import { readOne, tempFile } from './started.ts';

export function rotatingKey(url: string) {
  const path = tempFile('key', 'first');
  const engine = new ProviderEngine({
    provider: readOne(url, { key_env: undefined, key_file: path }),
    onRest: () => undefined,
    onRestOver: () => undefined,
  });
  onTestFinished(() => engine.close());
  const fixed = { model: 'test:big', maxTokens: 20, stop: [], temperature: 0, seed: 42 };
  return {
    provider: { generate: (prompt: string) => engine.generate({ id: prompt, prompt, ...fixed }) },
    write: (text: string) => writeFile(path, text),
    remove: () => rm(path),
  };
}
