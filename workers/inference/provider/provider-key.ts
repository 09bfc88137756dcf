// A provider's key: read anew for each call, so that a rotated one counts at once, and kept nowhere.

import { readFile } from 'node:fs/promises';
import type { Environment } from '../../config.ts';
import { ProviderFailure } from './provider-failure.ts';

export interface KeySource {
  /** Names the place in messages: "the file /run/secrets/openai", "the variable OPENAI_API_KEY". */
  readonly from: string;
  /** Throws ProviderFailure where there is none now. */
  read(): Promise<string>;
}

export function keyInFile(path: string): KeySource {
  const from = `the file ${path}`;
  return {
    from,
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new ProviderFailure(`expected a key in ${from}, which cannot be read (${error.code})`);
      });
      return checked(text, from);
    },
  };
}

export function keyInVariable(name: string, env: Environment): KeySource {
  const from = `the variable ${name}`;
  return { from, read: async () => checked(env[name] ?? '', from) };
}

/** What a header takes; fetch's own refusal would quote it. */
function checked(text: string, from: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const what = key === '' ? 'which is empty' : 'which holds spaces or other characters that no key has';
  throw new ProviderFailure(`expected a key in ${from}, ${what}`);
}
