// A user's message to the ids of a prompt. Special tokens are where the chat template put them, and nowhere else.

import { randomUUID } from 'node:crypto';
import { chatTemplate } from './chat-template.ts';
import { plainTokenizer } from './plain-tokenizer.ts';
import { specialsAround, type TokenizerFiles } from './tokenizer.ts';

/** `check` gets each text between special tokens before it is encoded, and may throw. */
export function encodePrompt(
  files: TokenizerFiles,
  check: (text: string) => void = () => {},
): (message: string) => readonly number[] {
  const { tokenizer, definition, config } = files;
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

  const specials = new Map(
    definition.added_tokens?.filter(({ special }) => special).map(({ content, id }) => [content, id]),
  );
  const anySpecial = oneOf([...specials.keys()]);
  return (message) => {
    const guard = guarding(anySpecial);
    // Between two special tokens a user's text and the template's stay together: they may share a token at the border.
    const parts = template(guard.hide(message)).split(anySpecial);
    return parts.flatMap((part) => specials.get(part) ?? textIds(guard.show(part)));
  };
}

/** Matches the longest, and captures it, so that `split` keeps it. Nothing when there are none. */
function oneOf(contents: readonly string[]): RegExp {
  const longestFirst = contents.toSorted((a, b) => b.length - a.length).map(escaped);
  return longestFirst.length > 0 ? new RegExp(`(${longestFirst.join('|')})`) : /(?!)/;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
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
