// How a long-running command hears that it should stop: the first signal asks, the second insists.

import { constants } from 'node:os';
import type { CommandContext, StopSignal } from './context.ts';

export interface Stop {
  /** Aborted by the first signal. */
  readonly asked: AbortSignal;
  /** The first signal; null before it. */
  readonly signal: StopSignal | null;
  /** Resolves at the first signal. */
  readonly wanted: Promise<StopSignal>;
  /** Resolves at the second one: leave now, whatever is unfinished. */
  readonly urgent: Promise<void>;
  release(): void;
}

/** A Ctrl-C reaches a process twice when a parent passes it on as well: so close together, two count as one. */
const SAME_WISH_MS = 500;

export function listenForStop(context: CommandContext): Stop {
  const asking = new AbortController();
  const wanted = Promise.withResolvers<StopSignal>();
  const urgent = Promise.withResolvers<void>();
  let first: { readonly signal: StopSignal; readonly at: number } | null = null;
  const release = context.onStop((signal) => {
    const now = performance.now();
    if (first === null) {
      first = { signal, at: now };
      asking.abort();
      wanted.resolve(signal);
    } else if (now - first.at > SAME_WISH_MS) urgent.resolve();
  });
  return {
    asked: asking.signal,
    get signal() {
      return first?.signal ?? null;
    },
    wanted: wanted.promise,
    urgent: urgent.promise,
    release,
  };
}

/** The exit status that shells give to a program ended by this signal. */
export function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
