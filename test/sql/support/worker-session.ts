// A worker as SQL sees it: an id, a login with the worker's rights, and the private functions.
import type pg from 'pg';

export const TEXT_MODEL = 'smollm2-135m-instruct';
export const EMBEDDING_MODEL = 'all-minilm-l6-v2';
const MODELS: Readonly<Record<string, string>> = {
  generate: TEXT_MODEL,
  embed: EMBEDDING_MODEL,
  rerank: EMBEDDING_MODEL,
  summarize: TEXT_MODEL,
  extract_facts: EMBEDDING_MODEL,
  deduplicate_facts: EMBEDDING_MODEL,
};

export interface Claimed {
  readonly request_id: string;
  readonly lease_token: string;
  readonly request_type: string;
  readonly model: string;
  readonly prompt: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly user_id: number;
  readonly retry_count: number;
  readonly isolated: boolean;
  readonly input_tokens: number;
  readonly traceparent: string | null;
  readonly cache_key: string | null;
}

export interface Ending {
  readonly outcome?: string;
  readonly result?: string | null;
  readonly embedding?: string | null;
  readonly error?: string | null;
  readonly isolate?: boolean;
  readonly receipt?: Readonly<Record<string, unknown>>;
}

interface Beat {
  readonly state?: string;
  readonly digest?: string;
  readonly host?: string;
  readonly engines?: readonly object[];
  /** Instead of the default text model. */
  readonly models?: readonly object[];
  readonly machine?: object;
}

interface ClaimBounds {
  readonly leaseSeconds?: number;
  readonly isolatedLimit?: number | null;
  /** Requests of more input tokens are large ones. */
  readonly largest?: number | null;
  /** Of each request type. */
  readonly largeLimit?: number | null;
}

export class WorkerSession {
  readonly client: pg.Client;
  readonly id: string;
  constructor(client: pg.Client, id: string) {
    this.client = client;
    this.id = id;
  }

  async #call<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query(`select * from steadytext_private.${text}`, [...values])).rows as Row[];
  }

  /** Claims up to so many of each request type, for the default models. */
  claim(
    limits: Readonly<Record<string, number>>,
    { leaseSeconds = 30, isolatedLimit = null, largest = null, largeLimit = null }: ClaimBounds = {},
  ): Promise<Claimed[]> {
    const types = Object.keys(limits);
    return this.#call('claim_requests($1, $2, $3, $4, $5, $6, $7, $8)', [
      this.id,
      types,
      types.map((type) => MODELS[type]),
      Object.values(limits),
      leaseSeconds,
      isolatedLimit,
      types.map(() => largest),
      types.map(() => largeLimit),
    ]);
  }

  /** Settles as completed with the prompt in capitals (or an embedding), unless told otherwise. */
  settle(claimed: readonly Claimed[], ending: Ending = {}): Promise<{ request_id: string; status: string }[]> {
    const each = <T>(pick: (request: Claimed) => T) => claimed.map(pick);
    const {
      outcome = 'completed',
      result,
      embedding,
      error = null,
      isolate = false,
      receipt = { engine: 'test' },
    } = ending;
    return this.#call('settle_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)', [
      this.id,
      each(({ request_id }) => request_id),
      each(({ lease_token }) => lease_token),
      each(() => outcome),
      each((request) => (request.request_type === 'embed' ? null : (result ?? request.prompt.toUpperCase()))),
      each((request) => (request.request_type === 'embed' ? (embedding ?? '{0.6,0.8}') : null)),
      each(() => error),
      each(() => isolate),
      each(() => 3),
      each(() => 4),
      each(() => 7),
      each(() => 'sha256:test'),
      each(() => JSON.stringify(receipt)),
    ]);
  }

  /** Reports a piece of the text of each; gives the ids that somebody still reads. */
  async write(claimed: readonly Claimed[], start: number, piece: string): Promise<string[]> {
    const rows = await this.#call<{ write_pieces: string }>('write_pieces($1, $2, $3, $4, $5)', [
      this.id,
      claimed.map(({ request_id }) => request_id),
      claimed.map(({ lease_token }) => lease_token),
      claimed.map(() => start),
      claimed.map(() => piece),
    ]);
    return rows.map(({ write_pieces }) => write_pieces);
  }

  async renew(claimed: readonly Claimed[], leaseSeconds = 30): Promise<string[]> {
    const rows = await this.#call<{ renew_leases: string }>('renew_leases($1, $2, $3, $4)', [
      this.id,
      claimed.map(({ request_id }) => request_id),
      claimed.map(({ lease_token }) => lease_token),
      leaseSeconds,
    ]);
    return rows.map(({ renew_leases }) => renew_leases);
  }

  async release(claimed: readonly Claimed[], isolate = false): Promise<string[]> {
    const rows = await this.#call<{ release_requests: string }>('release_requests($1, $2, $3, $4)', [
      this.id,
      claimed.map(({ request_id }) => request_id),
      claimed.map(({ lease_token }) => lease_token),
      isolate,
    ]);
    return rows.map(({ release_requests }) => release_requests);
  }

  async handOver(claimed: readonly Claimed[]): Promise<string[]> {
    const rows = await this.#call<{ hand_over_requests: string }>('hand_over_requests($1, $2, $3)', [
      this.id,
      claimed.map(({ request_id }) => request_id),
      claimed.map(({ lease_token }) => lease_token),
    ]);
    return rows.map(({ hand_over_requests }) => hand_over_requests);
  }

  /** Says that it lives and serves the default text model with so much room, or what is told. */
  async beat(maxTokens: number, { state = 'running', digest = 'sha256:1', ...more }: Beat = {}): Promise<void> {
    const text = { name: TEXT_MODEL, kind: 'text', digest, max_tokens: maxTokens, dimension: null };
    const { host = 'host', engines = [], models = [text], machine = {} } = more;
    await this.#call('heartbeat_worker($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      ...[this.id, state, host, 42, '0.1', JSON.stringify(engines), JSON.stringify(models), null],
      JSON.stringify(machine),
    ]);
  }

  async retire(): Promise<void> {
    await this.#call('retire_worker($1)', [this.id]);
  }

  rescue(limit = 100): Promise<{ request_id: string; status: string }[]> {
    return this.#call('rescue_requests($1)', [limit]);
  }

  async promote(limit = 1000): Promise<number> {
    const rows = await this.#call<{ promote_requests: number }>('promote_requests($1)', [limit]);
    return rows[0]!.promote_requests;
  }
}
