// Parts that the fleet's tests put together: a silent log, requests, and waiting for a condition.

import { createLogger } from '../../../workers/log.ts';
import type { ClaimedRequest } from '../../../workers/queue/types.ts';

export const silent = createLogger('silent');

/** A log that keeps its lines. */
export function kept() {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) }) };
}

let ids = 0;

export function claimed(changes: Partial<ClaimedRequest> = {}): ClaimedRequest {
  const id = String(++ids);
  return {
    requestId: `00000000-0000-4000-8000-${id.padStart(12, '0')}`,
    leaseToken: '1',
    requestType: 'embed',
    model: 'all-minilm-l6-v2',
    prompt: `text ${id}`,
    params: {},
    userId: 1,
    retryCount: 0,
    isolated: false,
    inputTokens: 1,
    traceparent: null,
    cacheKey: null,
    ...changes,
  };
}

export function generation(prompt: string, changes: Partial<ClaimedRequest> = {}): ClaimedRequest {
  return claimed({ requestType: 'generate', model: 'smollm2-135m-instruct', prompt, ...changes });
}

/** Waits until `condition` gives something true, and gives that; says what it waited for when it does not come. */
export async function until<T>(what: string, condition: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
