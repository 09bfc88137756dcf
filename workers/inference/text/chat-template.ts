// Puts the model's chat template round messages.

import { Template } from '@huggingface/jinja';
import { SteadyTextError } from '../../errors.ts';

export interface Message {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/**
 * The library has a function that tells the date: prompts would change with the day and the worker's time zone. Templates that ask
 * whether it is there have a date of their own.
 */
const NO_CLOCK = '{% set strftime_now = there_is_none %}';

/** A user's message → prompt text; undefined for a model without a template. */
export function chatTemplate(config: Readonly<Record<string, unknown>>): ((message: string) => string) | undefined {
  const render = messagesTemplate(config);
  return render && ((message) => render([{ role: 'user', content: message }]));
}

/** Messages → prompt text. Throws ModelUnsupported where the template refuses them. */
export function messagesTemplate(
  config: Readonly<Record<string, unknown>>,
): ((messages: readonly Message[]) => string) | undefined {
  const source = config.chat_template;
  if (typeof source !== 'string') return undefined;
  const template = parse(source);
  const tokens = { bos_token: tokenText(config.bos_token), eos_token: tokenText(config.eos_token) };
  return (messages) => {
    try {
      return template.render({ messages, add_generation_prompt: true, ...tokens });
    } catch (cause) {
      throw wrong("expected a chat template that takes a user's message", cause);
    }
  };
}

function parse(source: string): Template {
  try {
    const template = new Template(source);
    template.parsed.body.unshift(...new Template(NO_CLOCK).parsed.body);
    return template;
  } catch (cause) {
    throw wrong('expected a chat template that can be read', cause);
  }
}

function wrong(expected: string, cause: unknown): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', `${expected}: ${cause}`, {
    hint: 'Correct chat_template in the tokenizer_config.json of the model (tokenizer.chat_template of a GGUF file), or take another file of it.',
    cause,
  });
}

/** tokenizer_config.json writes a special token as text, or as an object that holds it. */
function tokenText(token: unknown): string {
  if (typeof token === 'string') return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : '';
}
