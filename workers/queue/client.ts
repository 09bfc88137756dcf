// One connection to PostgreSQL for one purpose: made when first needed, made again with back-off when it is lost, and
// asked now and then whether it still answers (a half-open socket is silent for minutes otherwise).

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { hostAddresses } from '../config.ts';
import type { QueueDatabase } from './database.ts';
import { isConnectionLost, sqlStateOf, toSteadyTextError } from './error-map.ts';
import { queryKept } from './kept-statements.ts';
import { primaryAddress } from './primary-address.ts';
import { reconnectDelay } from './reconnect-policy.ts';

export interface QueueClientOptions {
  readonly url: string;
  readonly privateSchema: string;
  /** application_name, so that pg_stat_activity tells the worker and the purpose. */
  readonly name: string;
  /** A statement that has no answer by then is taken as lost, and the socket is dropped. */
  readonly timeoutMs?: number;
  /** Quiet for so long → ask `select 1`. */
  readonly pingMs?: number;
}

export class QueueClient implements QueueDatabase {
  readonly privateSchema: string;
  readonly #options: Required<QueueClientOptions>;
  readonly #ending = new AbortController();
  readonly #ping: NodeJS.Timeout;
  #connection: Promise<pg.Client> | null = null;
  #current: pg.Client | null = null;
  #turn: Promise<void> = Promise.resolve();
  #failures = 0;
  #lastUse = 0;

  constructor(options: QueueClientOptions) {
    this.#options = { timeoutMs: 10_000, pingMs: 10_000, ...options };
    this.privateSchema = options.privateSchema;
    this.#ping = setInterval(() => this.#pingWhenQuiet(), this.#options.pingMs).unref();
  }

  /** Waits for a connection attempt (after the back-off that past failures ask for); rejects when that one fails. */
  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      this.#connection ??= this.#connect();
      const client = await this.#connection;
      const answer = await this.#answerOf(client, text, values);
      this.#lastUse = performance.now();
      return answer.rows as Row[];
    } catch (error) {
      throw toSteadyTextError(error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#ping);
    this.#ending.abort();
    const connection = this.#connection;
    this.#connection = null;
    const client = await connection?.catch(() => undefined);
    if (client === undefined) return;
    // A server that has gone silent does not answer the goodbye either.
    await Promise.race([client.end().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
    drop(client);
  }

  async #connect(): Promise<pg.Client> {
    const wait = reconnectDelay(this.#failures, Math.random());
    this.#failures++;
    try {
      await sleep(wait, undefined, { signal: this.#ending.signal });
      return await this.#open();
    } catch (error) {
      this.#connection = null;
      if (this.#ending.signal.aborted) throw new Error('Connection terminated: the client was closed');
      throw error;
    }
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: await primaryAddress(this.#options.url),
      application_name: this.#options.name,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const forget = () => this.#forget(client);
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
    } catch (error) {
      drop(client);
      throw error;
    }
    this.#failures = 0;
    this.#current = client;
    return client;
  }

  #forget(client: pg.Client): void {
    if (this.#current !== client) return;
    this.#current = null;
    this.#connection = null;
  }

  /** One statement after the other: the time-out of each begins when the server has it. */
  async #answerOf(client: pg.Client, text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const before = this.#turn;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    const timer = setTimeout(() => {
      this.#forget(client);
      drop(client);
    }, this.#options.timeoutMs);
    try {
      return await queryKept(client, text, values);
    } catch (error) {
      if (isConnectionLost(error)) this.#forget(client);
      // One of several that writes no more: another does.
      if (sqlStateOf(error) === '25006' && hostAddresses(this.#options.url).length > 1) {
        this.#forget(client);
        drop(client);
      }
      throw error;
    } finally {
      clearTimeout(timer);
      done();
    }
  }

  #pingWhenQuiet(): void {
    if (this.#current === null || performance.now() - this.#lastUse < this.#options.pingMs) return;
    this.query('select 1').catch(() => undefined);
  }
}

/** Cuts the socket: statements on their way are rejected at once, and nothing waits for the server's goodbye. */
export function drop(client: pg.Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy?: () => void } } };
  connection?.stream?.destroy?.();
}
