// What an error in an attempt means for its request.

import { isSteadyTextError } from '../errors.ts';
import type { Ending } from '../handlers/handler.ts';

/** No later attempt could go better: the request itself is wrong for this model, or no worker has room for it. */
const FINAL = [
  ...(['InvalidInput', 'InputTooLong', 'InvalidOption'] as const),
  ...(['UnknownModel', 'ModelUnsupported', 'EngineTooSmall', 'NotFinite', 'RunFailed', 'ProviderRefused'] as const),
];

export function endingOf(error: unknown): Ending {
  const message = error instanceof Error ? error.message : String(error);
  const text = storable(isSteadyTextError(error) ? `${error.name}: ${message}` : message);
  if (FINAL.some((name) => isSteadyTextError(error, name))) return { outcome: 'failed', error: text };
  // It was alone in the engine, or could not be handed back: the attempt counts, and it stays alone.
  if (isSteadyTextError(error, 'EngineDied')) return { outcome: 'retry', error: text, isolate: true };
  return { outcome: 'retry', error: text };
}

/** Whether it is the fault of no one request of a batch: run singly, each would only meet the same. */
export function isOfAll(error: unknown): boolean {
  const names = ['EngineDied', 'ProviderFailed', 'ProviderRefused'] as const;
  return names.some((name) => isSteadyTextError(error, name));
}

/** An error's text may hold anything; PostgreSQL takes no NUL, and a column of errors needs no pages. */
function storable(text: string): string {
  return text.replaceAll('\0', '�').slice(0, 2000);
}
