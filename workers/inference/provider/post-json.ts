// One call of a provider: JSON out, JSON in, within a time and a size. Redirects are not followed: the key is for this address.

import { SteadyTextError } from '../../errors.ts';
import { retryAfterMs } from './circuit-policy.ts';
import { ProviderFailure } from './provider-failure.ts';
import type { Provider } from './providers-file.ts';

/** Of an answer as it is unpacked: 64 vectors of 4,096 numbers are 6 MB, and parsing 8 MB holds up the worker for a tenth of a second. */
export const MOST_BYTES = 8 << 20;

/**
 * Gives what came as an answer. Throws ProviderFailure where another attempt may go better, ProviderRefused or InvalidInput where
 * none will, and the signal's reason when that ends it.
 */
export async function postJson(
  { name, url, key, timeoutMs }: Provider,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<unknown> {
  const secret = await key?.read();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const failed = (what: string) => {
    signal.throwIfAborted();
    return new ProviderFailure(
      late.signal.aborted ? `${name} did not answer within ${timeoutMs / 1000} s` : `${name} ${what}`,
    );
  };
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    }).catch((error) => {
      throw failed(`could not be reached (${causeOf(error)})`);
    });
    const bytes = await readBody(response).catch((error) => {
      throw failed(`ended its answer before its end (${causeOf(error)})`);
    });
    if (!response.ok) throw refusal(response, bytes, { name, from: key?.from, secret });
    if (bytes === null) throw new ProviderFailure(`${name} answered with more than ${MOST_BYTES} bytes`);
    return parsed(name, bytes);
  } finally {
    clearTimeout(timer);
  }
}

function parsed(name: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProviderFailure(`${name} answered with something else than JSON`);
  }
}

/** Null where there is more than is read. */
async function readBody(response: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Asked {
  readonly name: string;
  readonly from: string | undefined;
  readonly secret: string | undefined;
}

function refusal({ status, headers }: Response, bytes: Buffer | null, { name, from, secret }: Asked): Error {
  const said = `${name} answered ${status}${codeOf(bytes, secret)}`;
  const mayWait = status === 429 || status === 503;
  if (mayWait) return new ProviderFailure(said, retryAfterMs(headers.get('retry-after'), Date.now()));
  if (status >= 500 || status === 408) return new ProviderFailure(said);
  if (status === 400 || status === 413 || status === 422) return new SteadyTextError('InvalidInput', said);
  if (status === 401 || status === 403) {
    const why = from === undefined ? 'no key is configured for it' : `it does not take the key from ${from} for this`;
    return new SteadyTextError('ProviderRefused', `${said}: ${why}`);
  }
  const why =
    status >= 300 && status < 400 ? ': a redirect, which is not followed; its url is to be where that leads' : '';
  return new SteadyTextError('ProviderRefused', said + why);
}

/** The provider's own word for it, such as context_length_exceeded. Not its sentence, which may quote a prompt or a key. */
function codeOf(bytes: Buffer | null, secret: string | undefined): string {
  try {
    const { error } = JSON.parse(String(bytes)) as { error?: { code?: unknown; type?: unknown } };
    const word = error?.code ?? error?.type;
    const isWord = typeof word === 'string' && /^[a-z]+(_[a-z]+)*$/i.test(word) && word.length <= 60;
    return isWord && word !== secret ? ` (${word})` : '';
  } catch {
    return '';
  }
}

/** fetch says "fetch failed" or "terminated"; what it was lies behind it. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'no reason given';
}
