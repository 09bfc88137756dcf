// A provider's engine against a server on the loopback, as a file of providers has it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ProviderEngine } from '../../../../workers/inference/provider/provider-engine.ts';
import { type Provider, readProviders } from '../../../../workers/inference/provider/providers-file.ts';
import { type Answer, DIMENSION, startProvider } from './provider-server.ts';

export const KEY = 'sk-very_secret_key';

export function tempFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-provider-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The file of providers with one that is called `test`. */
export function providersFile(url: string, changes: object = {}): string {
  const entry = {
    url,
    key_env: 'TEST_KEY',
    text_models: ['big', 'other'],
    embedding_models: [{ name: 'vectors', dimension: DIMENSION }],
    timeout_seconds: 0.3,
    ...changes,
  };
  return tempFile('providers.json', JSON.stringify({ test: entry }));
}

export function readOne(url: string, changes: object = {}, env: Record<string, string> = { TEST_KEY: KEY }): Provider {
  return readProviders(providersFile(url, changes), env)[0]!;
}

export async function started(answer?: Answer, changes: object = {}) {
  const server = await startProvider(answer);
  const rests: { restMs: number; reason: string }[] = [];
  let over = 0;
  const engine = new ProviderEngine({
    provider: readOne(server.url, changes),
    onRest: (restMs, reason) => void rests.push({ restMs, reason }),
    onRestOver: () => over++,
  });
  onTestFinished(() => engine.close());
  let ids = 0;
  const generate = (prompt = 'hello', more: object = {}) =>
    engine.generate({
      ...{ id: `g${ids++}`, model: 'test:big', prompt, maxTokens: 20, stop: [], temperature: 0, seed: 42 },
      ...more,
    });
  const embed = (texts: readonly string[] = ['ab'], more: object = {}) =>
    engine.embed({ model: 'test:vectors', texts, ...more });
  return { server, engine, generate, embed, rests, restsOver: () => over };
}
