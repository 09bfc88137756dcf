// What is said of a model file that cannot be converted: it is damaged, or of a kind that the converter does not know.

import { SteadyTextError } from '../../../errors.ts';

export function corrupt(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelCorrupt', `${path}: ${what}`, {
    hint: 'The file is damaged or was cut short. Fetch it again: steadytext models pull NAME (models list shows the names).',
  });
}

export function unsupported(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', `${path}: ${what}`, {
    hint: 'docs/models.md lists the model families, number formats and tokenizers that can be converted.',
  });
}
