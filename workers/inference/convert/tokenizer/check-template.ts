// Whether a decoder's chat template takes what engines will put into it, tried before the model is converted.

import { createContext, Script } from 'node:vm';
import { isSteadyTextError } from '../../../errors.ts';
import { chatTemplate } from '../../text/chat-template.ts';
import { aroundUser } from '../../text/rank-frame.ts';
import { unsupported } from '../read/source-errors.ts';

/** One takes milliseconds; a loop may have no end, and nobody could stop it. */
const LONGEST_MS = 2_000;

/** No template says this by itself. */
const MESSAGE = 'a-b-0-9-c';

type Config = Readonly<Record<string, unknown>>;

/**
 * Throws ModelUnsupported for a template that cannot be read, refuses a user's message, leaves it out or does not end; of a model
 * that ranks also where it has none, or does not show the message as it is.
 */
export function checkTemplate(path: string, config: Config, ranks: boolean): void {
  try {
    const prompt = inTime(() =>
      ranks ? aroundUser({ config }, 'this model').join() : chatTemplate(config)?.(MESSAGE),
    );
    if (!ranks && prompt !== undefined && !prompt.includes(MESSAGE))
      throw unsupported(path, "expected a chat template that writes a user's message, got nothing of it");
  } catch (error) {
    if (isSteadyTextError(error)) throw error.message.startsWith(path) ? error : unsupported(path, error.message);
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw unsupported(path, `expected a chat template that ends within ${LONGEST_MS / 1000} s, this one does not`);
    throw error;
  }
}

function inTime<Result>(work: () => Result): Result {
  return new Script('work()').runInContext(createContext({ work }), { timeout: LONGEST_MS });
}
