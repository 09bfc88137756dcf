// What an engine says of models that it does not have, or cannot have.

import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import type { ModelMemory } from './model-memory.ts';

export function unknownModel(name: string, loaded: readonly string[]): SteadyTextError {
  const known = loaded.join(', ') || 'none';
  return new SteadyTextError('UnknownModel', `expected a loaded model (${known}), "${name}" came`, {
    hint: 'Load the model first; "steadytext models list" shows those that there are.',
  });
}

export function tooLarge(name: string, { estimate, cache }: ModelMemory, limit: number): SteadyTextError {
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const ofThat = cache === 0 ? '' : `, ${mib(cache)} of it for keys and values`;
  return new SteadyTextError(
    'EngineTooSmall',
    `expected a model that fits into the ${mib(limit)} MiB of an engine's models, ${name} takes about ${mib(estimate)}${ofThat}`,
    { hint: `Raise ${CONFIG_VARIABLES.engineMemoryMb}, or serve a smaller model.` },
  );
}
