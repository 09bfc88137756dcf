// Users of the queue: each an ordinary login's connection of its own that enqueues, commits, and listens for its result.

import { randomUUID } from 'node:crypto';
import { type ApiConnection, openApiConnection } from '../../../workers/queue/api/api-connection.ts';
import { listenForResults } from '../../../workers/queue/api/await-result.ts';

export interface OurClients extends AsyncDisposable {
  /** Tokens of the answer. */
  complete(client: number, prompt: string, tokens: number): Promise<number>;
}

/** min_tokens keeps the model from ending its turn, as ignore_eos does there. */
const ENQUEUE = (schema: string) =>
  `insert into ${schema}.steadytext_queue (request_id, prompt, request_type, params)
   values ($1, $2, 'generate', jsonb_build_object('max_tokens', $3::int, 'min_tokens', $3::int, 'use_cache', false))`;

const LONGEST_WAIT_SECONDS = 120;

export async function openOurClients(url: string, schema: string, count: number): Promise<OurClients> {
  const connections: ApiConnection[] = [];
  const close = async () => {
    await Promise.all(connections.map((connection) => connection.close()));
  };
  const waits: Awaited<ReturnType<typeof listenForResults>>[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const connection = await openApiConnection({ url, schema, name: `bench client ${i + 1}` });
      connections.push(connection);
      waits.push(await listenForResults(connection));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async complete(client, prompt, tokens) {
      const id = randomUUID();
      await connections[client]!.query(ENQUEUE(schema), [id, prompt, tokens]);
      const { status, error, tokens_out } = await waits[client]!(id, LONGEST_WAIT_SECONDS);
      if (status !== 'completed') throw new Error(`Expected a completed request, it is ${status}: ${error}`);
      return tokens_out ?? 0;
    },
    [Symbol.asyncDispose]: close,
  };
}
