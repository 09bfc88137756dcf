// Puts the model's chat template round messages.

import { Template } from '@huggingface/jinja';
import { SteadyTextError } from '../../errors.ts';

export interface Message {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** A user's message → prompt text; undefined for a model without a template. */
export function chatTemplate(config: Readonly<Record<string, unknown>>): ((message: string) => string) | undefined {
  const render = messagesTemplate(config);
  return render && ((message) => render([{ role: 'user', content: message }]));
}

/** Messages → prompt text. */
export function messagesTemplate(
  config: Readonly<Record<string, unknown>>,
): ((messages: readonly Message[]) => string) | undefined {
  const source = config.chat_template;
  if (typeof source !== 'string') return undefined;
  const template = parse(source);
  return (messages) =>
    template.render({
      messages,
      add_generation_prompt: true,
      bos_token: tokenText(config.bos_token),
      eos_token: tokenText(config.eos_token),
    });
}

function parse(source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw new SteadyTextError('ModelUnsupported', `expected a chat template that can be read: ${cause}`, {
      hint: 'Correct chat_template in the tokenizer_config.json of the model.',
      cause,
    });
  }
}

/** tokenizer_config.json writes a special token as text, or as an object that holds it. */
function tokenText(token: unknown): string {
  if (typeof token === 'string') return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : '';
}
