// GET over HTTPS for large files: gives up on a dead route within seconds, where fetch would wait for ten, and never
// leaves HTTPS on the way (plain HTTP only to this machine itself).

import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';

export interface Patience {
  /** From the start until the name is resolved and the connection is there. */
  readonly connectMs: number;
  /** From then until the answer begins, and between any two pieces of it. */
  readonly silenceMs: number;
  /** A file that brings less than `leastBytes` in any `slowMs` is given up. */
  readonly slowMs: number;
  readonly leastBytes: number;
}

/** 10 kB/s over a minute: slower, the default models would take more than five hours. */
export const PATIENCE: Patience = { connectMs: 3_000, silenceMs: 15_000, slowMs: 60_000, leastBytes: 600_000 };

const MAX_REDIRECTS = 5;

/** The body of a 200 answer, after redirects. Throws an Error that says in a sentence what came instead. */
export async function httpsGet(address: string, patience: Patience, signal?: AbortSignal): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (url.protocol !== 'https:' && !isLoopback(url))
      throw new Error(`expected an https:// address, got ${url.origin}`);
    const response = await request(url, patience, signal);
    if (response.statusCode === 200) return response;
    response.destroy();
    const location = response.headers.location;
    if (!isRedirect(response.statusCode) || location === undefined) throw new Error(refusal(url, response));
    const next = URL.parse(location, url.href);
    // Node's own error would carry the whole address, which may hold a password.
    if (next === null) throw new Error(`${url.host} redirected to what is no address`);
    url = next;
  }
  throw new Error(`${url.host} redirected more than ${MAX_REDIRECTS} times`);
}

function request(url: URL, patience: Patience, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? getSecure : getPlain;
    const options = { headers: { 'user-agent': 'steadytext' }, ...(signal && { signal }) };
    const asked = get(url, options, (response) => {
      response.setTimeout(patience.silenceMs, () =>
        response.destroy(new Error(`${url.host} sent nothing for ${patience.silenceMs / 1000} s`)),
      );
      resolve(response);
    });
    const connecting = setTimeout(
      () => asked.destroy(new Error(`no connection to ${url.host} within ${patience.connectMs / 1000} s`)),
      patience.connectMs,
    );
    asked.on('socket', (socket) => {
      const connected = () => {
        clearTimeout(connecting);
        asked.setTimeout(patience.silenceMs, () =>
          asked.destroy(new Error(`${url.host} did not answer within ${patience.silenceMs / 1000} s`)),
        );
      };
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
    asked.on('error', (error) => {
      clearTimeout(connecting);
      reject(describe(error, url));
    });
  });
}

/** Node's own words name a system call; the user's question is whether there is a way there at all. */
function describe(error: Error & { code?: string }, url: URL): Error {
  const told: Record<string, string> = {
    ENOTFOUND: `the name ${url.hostname} is not known here (no DNS, or no network)`,
    EAI_AGAIN: `the name ${url.hostname} could not be looked up (no DNS, or no network)`,
    ECONNREFUSED: `${url.host} refused the connection`,
    ENETUNREACH: `there is no route to ${url.host}`,
    EHOSTUNREACH: `there is no route to ${url.host}`,
    ECONNRESET: `${url.host} closed the connection`,
  };
  const sentence = error.code === undefined ? undefined : told[error.code];
  return sentence === undefined ? error : new Error(sentence, { cause: error });
}

function refusal(url: URL, response: IncomingMessage): string {
  const status = `${response.statusCode} ${response.statusMessage ?? ''}`.trim();
  return `${url.origin}${url.pathname} answered ${status}`;
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status);
}

function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
