// What an engine says of a generation that may come to take more memory than one is allowed.

import { SteadyTextError } from '../../errors.ts';

export function tooMuchMemory(bytes: number, most: number, prompt: number, answer: number): SteadyTextError {
  const mb = (count: number) => (count / 2 ** 20).toFixed(1);
  return new SteadyTextError(
    'InvalidInput',
    `expected a generation of at most ${mb(most)} MB (max_memory_per_request), one of ${mb(bytes)} came: ` +
      `${prompt} tokens of prompt and an answer of up to ${answer}, with keys and values`,
    { hint: 'Ask for fewer tokens, shorten the prompt, or have an administrator raise max_memory_per_request.' },
  );
}
