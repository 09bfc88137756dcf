// What a worker says when it gives up because no engine comes up.

import { isSteadyTextError, SteadyTextError } from '../errors.ts';
import type { Timings } from './timings.ts';

export function noEngine({ mostHeartbeatsWithoutEngine, heartbeatMs }: Timings, cause: Error | null): SteadyTextError {
  const minutes = Math.round((mostHeartbeatsWithoutEngine * heartbeatMs) / 6000) / 10;
  const why = cause === null ? '' : `; the last try: ${cause.message}`;
  return new SteadyTextError('EngineDied', `expected an engine to come up within ${minutes} minutes, none did${why}`, {
    hint:
      (isSteadyTextError(cause) ? cause.hint : undefined) ??
      'The log says how each start failed: `engine did not start`.',
    cause,
  });
}
