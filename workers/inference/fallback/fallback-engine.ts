// Stands in the place of text models that could not be loaded, where that is asked for (STEADYTEXT_FALLBACK). Nothing but texts:
// a vector or a score that means nothing would be taken for one that does.

import { SteadyTextError } from '../../errors.ts';
import type { GenerateInput, GenerateOutput, ModelCalls, ServedModel } from '../engine.ts';
import { checkText } from '../text/check-text.ts';
import { fallbackText } from './fallback-text.ts';

/** Longest prompt and answer, in tokens, as told; nothing here is bounded by it. */
const MAX_TOKENS = 8192;
const AT_ONCE = 16;

export function fallbackModel(name: string): ServedModel {
  const sizes = { maxTokens: MAX_TOKENS, dimension: null, tokenBytes: null };
  return { name, kind: 'text', digest: null, ...sizes, takesInstruction: false, concurrent: AT_ONCE };
}

export const fallbackEngine: ModelCalls = {
  async generate({ model, prompt, maxTokens, stop, constraint }: GenerateInput): Promise<GenerateOutput> {
    checkText(prompt, 'prompt');
    if (constraint !== undefined)
      throw new SteadyTextError(
        'InvalidInput',
        `expected no schema, pattern or choices: ${model} could not be loaded`,
        {
          hint: 'A fallback text keeps to none. Bring the model, or ask for free text.',
        },
      );
    const { text, words, cut } = fallbackText(prompt, maxTokens);
    const at = Math.min(
      ...stop
        .filter((one) => one !== '')
        .map((one) => text.indexOf(one))
        .filter((i) => i >= 0),
    );
    const stopped = Number.isFinite(at);
    const shown = stopped ? text.slice(0, at) : text;
    return {
      text: shown,
      // Nobody has counted tokens: four characters for one, as limits estimate them, and a word for one.
      tokensIn: Math.ceil(prompt.length / 4),
      tokensOut: stopped ? shown.split(' ').filter((word) => word !== '').length : words,
      finish: stopped ? 'stop' : cut ? 'length' : 'end',
    };
  },
  embed: () => Promise.reject(onlyText()),
  rerank: () => Promise.reject(onlyText()),
  // Whose words tell nothing of a part.
  divide: async ({ text }) => ({ parts: [text] }),
  // It has ended before anybody can.
  cancel: () => undefined,
};

function onlyText(): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    'expected a request for text: a fallback gives neither vectors nor scores',
  );
}
