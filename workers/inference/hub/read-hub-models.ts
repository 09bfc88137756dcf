// The file of STEADYTEXT_HUB_MODELS.

import { readFileSync } from 'node:fs';
import { CONFIG_VARIABLES } from '../../config.ts';
import { SteadyTextError } from '../../errors.ts';
import { type HubModel, parseHubModels } from './hub-models.ts';

/** Throws InvalidConfiguration with all that is wrong with it. */
export function readHubModels(path: string): readonly HubModel[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new SteadyTextError(
      'InvalidConfiguration',
      `${CONFIG_VARIABLES.hubModels}: expected a file that can be read, got ${path} (${reason})`,
      { hint: 'docs/models.md shows such a file.', cause },
    );
  }
  return parseHubModels(text, path);
}
