// Prompts of an exact number of tokens, each another: both sides of a bench read the same number.

import { paragraphs } from './texts.ts';

/** Each makes the model talk for more than a hundred tokens. */
export const QUESTIONS = [
  'Explain this to a child, at length:',
  'Write a long story that takes place in the world of this text:',
  'List ten questions that a reader of this could ask, and answer each:',
  'Write a detailed essay on the idea behind this:',
  'Write a dialogue of two engineers about this:',
  'Rewrite this as a long letter to a friend:',
  'Give a lecture on this, with many examples:',
  'Describe step by step how one would build this:',
];

export type Encode = (message: string) => readonly number[];

/** Messages that become so many tokens with the template of the model round them. */
export function promptsOf(encode: Encode, count: number, tokens: number): string[] {
  const words = paragraphs().join(' ').split(' ');
  return Array.from({ length: count }, (_, i) =>
    promptOf(encode, `${QUESTIONS[i % QUESTIONS.length]}\n\n`, words, i * 61, tokens),
  );
}

function promptOf(encode: Encode, question: string, words: readonly string[], from: number, tokens: number): string {
  const message = (taken: number) =>
    question + Array.from({ length: taken }, (_, i) => words[(from + i) % words.length]).join(' ');
  let [fits, tooMany] = [0, tokens];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (encode(message(middle)).length <= tokens) fits = middle;
    else tooMany = middle;
  }
  // What the next word is too long for.
  let text = message(fits);
  while (encode(`${text} a`).length <= tokens) text += ' a';
  const came = encode(text).length;
  if (came !== tokens) throw new Error(`Expected a prompt of ${tokens} tokens, ${came} came.`);
  return text;
}
