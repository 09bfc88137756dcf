// What is said of a converted folder whose bytes are not those that were written.

import { SteadyTextError } from '../../../errors.ts';

export function damaged(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelCorrupt', `${path}: ${what}`, {
    hint: 'Delete this folder; the model is converted again from its source files when it is next needed.',
  });
}
