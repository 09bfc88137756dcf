// Wakes the worker: one connection that listens for work and for control notices. A notice is a hint; whoever gets it
// asks the database again. After a reconnect the worker is woken once, for what was missed in between.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sqlStateOf } from './error-map.ts';
import { primaryAddress } from './primary-address.ts';
import { reconnectDelay } from './reconnect-policy.ts';
import { speaksWithServer } from './server-process.ts';

export interface ListenerOptions {
  /** A direct connection: behind a transaction-mode bouncer LISTEN hears nothing. */
  readonly url: string;
  readonly name: string;
  readonly channelPrefix: string;
  readonly onWork: () => void;
  readonly onControl: (payload: string) => void;
  readonly pingMs?: number;
  /** Told once per loss and once per return; the worker polls meanwhile. */
  readonly onState?: (state: ListenerState, error?: unknown) => void;
}

/** bounced: it listens, but through a bouncer, and nobody can tell whether that passes notices on (in transaction mode it does not). */
export type ListenerState = 'listening' | 'bounced' | 'lost' | 'standby';

export interface Listener {
  readonly listening: boolean;
  close(): Promise<void>;
}

/** On a standby LISTEN is refused (SQLSTATE 25006); it may be promoted, so it is asked again, but seldom. */
const STANDBY_RETRY_MS = 30_000;

export function startListener(options: ListenerOptions): Listener {
  const ending = new AbortController();
  let listening = false;
  const running = keepListening(options, ending.signal, (now) => {
    listening = now;
  });
  return {
    get listening() {
      return listening;
    },
    async close() {
      ending.abort();
      await running;
    },
  };
}

async function keepListening(
  options: ListenerOptions,
  signal: AbortSignal,
  setListening: (now: boolean) => void,
): Promise<void> {
  let told = '';
  const tell = (state: ListenerState, error?: unknown) => {
    setListening(state === 'listening' || state === 'bounced');
    if (told !== state && !signal.aborted) options.onState?.(state, error);
    told = state;
  };
  let failures = 0;
  while (!signal.aborted) {
    try {
      await listenUntilLost(options, signal, (direct) => {
        failures = 0;
        tell(direct ? 'listening' : 'bounced');
        options.onWork();
      });
    } catch (error) {
      failures++;
      const standby = sqlStateOf(error) === '25006';
      tell(standby ? 'standby' : 'lost', error);
      const wait = standby ? STANDBY_RETRY_MS : reconnectDelay(failures, Math.random());
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function listenUntilLost(
  options: ListenerOptions,
  signal: AbortSignal,
  ready: (direct: boolean) => void,
): Promise<void> {
  const { channelPrefix: prefix } = options;
  const client = new pg.Client({
    connectionString: await primaryAddress(options.url),
    application_name: options.name,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  const { promise: lost, reject } = Promise.withResolvers<never>();
  client.on('error', reject);
  client.on('end', () => reject(new Error('Connection terminated')));
  const close = () => reject(new Error('Connection terminated: closed'));
  signal.addEventListener('abort', close, { once: true });
  lost.catch(() => undefined);
  const ping = { timer: undefined as NodeJS.Timeout | undefined };
  try {
    await Promise.race([client.connect(), lost]);
    client.on('notification', (notice) => {
      if (notice.channel === `${prefix}steadytext_queue`) options.onWork();
      else options.onControl(notice.payload ?? '');
    });
    await Promise.race([
      client.query(`listen "${prefix}steadytext_queue"; listen "${prefix}steadytext_control"`),
      lost,
    ]);
    ready(await Promise.race([speaksWithServer(client), lost]));
    await Promise.race([lost, pingForever(client, options.pingMs ?? 10_000, ping)]);
  } finally {
    // The signal outlives this connection by far: with 8 KiB kept of each, an address that does not answer took 190 MB a day.
    signal.removeEventListener('abort', close);
    clearTimeout(ping.timer);
    const ended = client.end().catch(() => undefined);
    await Promise.race([ended, sleep(500, undefined, { ref: false })]);
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}

/** Rejects when `select 1` has no answer by the next round: the socket is half open. */
async function pingForever(
  client: pg.Client,
  everyMs: number,
  ping: { timer: NodeJS.Timeout | undefined },
): Promise<never> {
  const pause = () =>
    new Promise<void>((resolve) => {
      ping.timer = setTimeout(resolve, everyMs).unref();
    });
  for (;;) {
    await pause();
    let answered = false;
    const answer = client.query('select 1').then(() => {
      answered = true;
    });
    await Promise.race([answer, pause()]);
    if (!answered) throw new Error('Connection terminated: no answer to a ping');
    clearTimeout(ping.timer);
  }
}
