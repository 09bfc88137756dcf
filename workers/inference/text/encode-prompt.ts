// A user's message to the ids of a prompt. Special tokens are where the chat template put them, and nowhere else.

import { randomUUID } from 'node:crypto';
import { chatTemplate } from './chat-template.ts';
import { plainTokenizer } from './plain-tokenizer.ts';
import { specialTokens } from './special-tokens.ts';
import { specialsAround, type TokenizerFiles } from './tokenizer.ts';

/** `check` gets each text between special tokens before it is encoded, and may throw. */
export function encodePrompt(
  files: TokenizerFiles,
  check: (text: string) => void = () => {},
): (message: string) => readonly number[] {
  const { tokenizer, config } = files;
  const plain = plainTokenizer(files);
  function textIds(text: string): number[] {
    // As the vocabulary meets it: composing letters makes a text shorter.
    check(plain.normalizer === null ? text : plain.normalizer(text));
    return plain.encode(text, { add_special_tokens: false }).ids;
  }
  const template = chatTemplate(config);
  if (!template) {
    const { before, after } = specialsAround(tokenizer);
    return (message) => [...before, ...textIds(message), ...after];
  }

  const { ids, any } = specialTokens(files);
  return (message) => {
    const guard = guarding(any);
    // Between two special tokens a user's text and the template's stay together: they may share a token at the border.
    const parts = template(guard.hide(message)).split(any);
    return parts.flatMap((part) => ids.get(part) ?? textIds(guard.show(part)));
  };
}

/**
 * Breaks the special tokens in a user's text before the template is rendered, so that those that are left are the
 * template's own; whatever the template does with the text (most trim it), it can be mended afterwards. The mark is random:
 * no text can hold it.
 */
function guarding(anySpecial: RegExp) {
  const mark = `\u{E000}${randomUUID()}\u{E000}`;
  // The first letter of each, also where two overlap.
  const starts = new RegExp(`(?=${anySpecial.source})[^]`, 'g');
  return {
    hide: (text: string) => text.replace(starts, (letter) => `${mark}${letter.charCodeAt(0)};`),
    show: (text: string) =>
      text.replace(new RegExp(`${mark}(\\d+);`, 'g'), (_, code) => String.fromCharCode(Number(code))),
  };
}
