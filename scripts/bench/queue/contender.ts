// What a queue must do to be measured: enqueue, and run no-op requests in a process of its own. The parent asks one
// question at a time; the child answers with numbers.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Milliseconds on one clock for all processes of a machine, with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();

export interface Queue {
  /** Enqueues so many at once and resolves when that is committed. */
  enqueueMany(count: number): Promise<void>;
  enqueueOne(): Promise<void>;
  /** Whether the database says that nothing is left to do. */
  isDrained(): Promise<boolean>;
  /** How many requests have ended as they should, by each record that the database keeps of them. */
  finished(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** Starts the queue with a handler that calls `onStart` and does nothing. */
export type StartQueue = (urls: Urls, onStart: () => void) => Promise<Queue>;

export interface Urls {
  /** May make schemas: rivals install themselves with it. */
  readonly admin: string;
  readonly writer: string;
  readonly worker: string;
}

type Question =
  | { readonly ask: 'start'; readonly urls: Urls }
  | { readonly ask: 'drain'; readonly requests: number }
  | { readonly ask: 'latency'; readonly samples: number; readonly everyMs: number }
  | { readonly ask: 'check' }
  | { readonly ask: 'stop' };

/** In the child: answers the parent's questions with this queue. */
export function contend(start: StartQueue): void {
  let queue: Queue;
  let before: Readonly<Record<string, number>>;
  let enqueued = 0;
  let started = 0;
  let onStart = () => {};
  const startOf = async (count: number) => {
    const target = started + count;
    await new Promise<void>((resolve) => {
      onStart = () => {
        if (started >= target) resolve();
      };
      onStart();
    });
  };
  const drained = async () => {
    while (!(await queue.isDrained())) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const answers = {
    async start({ urls }: Question & { ask: 'start' }) {
      queue = await start(urls, () => {
        started++;
        onStart();
      });
      before = await queue.finished();
      return { memoryMb: process.memoryUsage.rss() / 2 ** 20 };
    },
    /** From the commit of the enqueue until the database says that all are done. */
    async drain({ requests }: Question & { ask: 'drain' }) {
      const all = startOf(requests);
      enqueued += requests;
      await queue.enqueueMany(requests);
      const began = now();
      await all;
      await drained();
      return { ms: now() - began };
    },
    /** From before the enqueue's call until the handler starts. */
    async latency({ samples, everyMs }: Question & { ask: 'latency' }) {
      const took: number[] = [];
      for (let i = 0; i < samples; i++) {
        const next = new Promise((resolve) => setTimeout(resolve, everyMs * (0.5 + Math.random())));
        const began = now();
        const ran = startOf(1).then(() => took.push(now() - began));
        enqueued++;
        await queue.enqueueOne();
        await Promise.all([ran, next]);
      }
      return { took };
    },
    /** Requests that failed, or that nobody wrote down, are no work: what was measured of them says nothing. */
    async check() {
      await drained();
      for (const [record, count] of Object.entries(await queue.finished())) {
        const ended = count - before[record]!;
        if (ended !== enqueued) throw new Error(`Expected ${record} of all ${enqueued} requests, got ${ended}.`);
      }
      return {};
    },
    async stop() {
      await queue.stop();
      return { memoryMb: process.memoryUsage.rss() / 2 ** 20 };
    },
  };
  process.on('message', async (question: Question) => {
    try {
      process.send!({ answer: await (answers[question.ask] as (q: Question) => Promise<object>)(question) });
    } catch (error) {
      process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    if (question.ask === 'stop') process.disconnect();
  });
  // The parent was ended: whatever was to be measured is of no use.
  process.on('disconnect', () => {
    process.exit(0);
  });
}

export interface Contender {
  readonly name: string;
  start(urls: Urls): Promise<{ memoryMb: number }>;
  drain(requests: number): Promise<{ ms: number }>;
  latency(samples: number, everyMs: number): Promise<{ took: number[] }>;
  /** Throws unless all that was enqueued has ended as it should, by what this queue can count. */
  check(): Promise<void>;
  stop(): Promise<{ memoryMb: number }>;
}

/** In the parent: a contender in its own process. */
export function contender(name: string, script: string): Contender {
  const child = fork(join(import.meta.dirname, script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit').then(() => {
    throw new Error(`Expected ${name} to answer, its process ended.`);
  });
  gone.catch(() => undefined);
  const ask = async <Answer>(question: Question): Promise<Answer> => {
    child.send(question);
    const [reply] = (await Promise.race([once(child, 'message'), gone])) as [{ answer: Answer; error?: string }];
    if (reply.error) throw new Error(`${name}: ${reply.error}`);
    return reply.answer;
  };
  return {
    name,
    start: (urls) => ask({ ask: 'start', urls }),
    drain: (requests) => ask({ ask: 'drain', requests }),
    latency: (samples, everyMs) => ask({ ask: 'latency', samples, everyMs }),
    check: () => ask({ ask: 'check' }),
    stop: () => ask({ ask: 'stop' }),
  };
}
