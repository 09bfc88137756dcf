// An OpenAI-compatible server on the loopback that answers well, or in each way in which one can misbehave.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent
  readonly body: any;
}
export type Answer = (asked: Asked, response: ServerResponse) => unknown;

export interface ProviderServer {
  /** With the path of the API's version. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** From now on. */
  answer: Answer;
  /** Calls that have come and whose connection is still open, unanswered. */
  readonly open: number;
}

export const DIMENSION = 3;

/** The prompt in capitals; of a text a vector that begins with its length. */
export const well: Answer = ({ path, body }, response) =>
  json(
    response,
    path.endsWith('/chat/completions') ? completion(body.messages[0].content.toUpperCase()) : embeddings(body.input),
  );

export function completion(content: unknown, changes: object = {}) {
  return {
    id: 'chatcmpl-1',
    model: 'big-2026-01-01',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    ...changes,
  };
}

/** Last text first: their order is in their index alone. */
export function embeddings(texts: readonly string[], changes: object = {}) {
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.5, -1] }));
  return {
    object: 'list',
    model: 'vectors-3',
    data: data.reverse(),
    usage: { prompt_tokens: 10 * texts.length },
    ...changes,
  };
}

export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export const status =
  (code: number, headers: Record<string, string> = {}, error: object = {}): Answer =>
  (_asked, response) =>
    json(response, { error }, code, headers);

export async function startProvider(first: Answer = well): Promise<ProviderServer> {
  const asked: Asked[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    let text = '';
    for await (const chunk of request) text += chunk;
    const one = { path: request.url!, headers: request.headers, body: JSON.parse(text) };
    asked.push(one);
    await provider.answer(one, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const provider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    answer: first,
    get open() {
      return open.size;
    },
  };
  return provider;
}
