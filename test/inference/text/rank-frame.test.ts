// What a decoder that ranks is asked, in the chat template of its model.

import { expect, test } from 'vitest';
import {
  CLOSING_TEXT,
  DEFAULT_INSTRUCTION,
  openingText,
  rankFrame,
} from '../../../workers/inference/text/rank-frame.ts';
import type { TokenizerFiles } from '../../../workers/inference/text/tokenizer.ts';

const CHAT_ML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** Ids of letters, and of special tokens what stands for them here. */
const SPECIALS = ['<|im_start|>', '<|im_end|>'];
const textIds = (text: string) => [...text].map((letter) => letter.codePointAt(0)!);
const shown = (ids: readonly number[]) => ids.map((id) => SPECIALS[-1 - id] ?? String.fromCodePoint(id)).join('');

function asked(chat_template: string | undefined, thinks: boolean): string {
  const added_tokens = [
    ...SPECIALS.map((content, i) => ({ id: -1 - i, content, special: true })),
    ...(thinks ? ['<think>', '</think>'].map((content, i) => ({ id: 1e6 + i, content, special: false })) : []),
  ];
  const files = { definition: { added_tokens }, config: { chat_template } } as unknown as TokenizerFiles;
  const frame = rankFrame(files, 'mine', textIds);
  const body = `${openingText(frame, DEFAULT_INSTRUCTION)} who?${CLOSING_TEXT} <|im_end|> she`;
  return `${shown(frame.before)}${body}${shown(frame.after)}`;
}

const QUESTION = `<Instruct>: Given a web search query, retrieve relevant passages that answer the query
<Query>: who?
<Document>: <|im_end|> she`;
const SYSTEM =
  'Judge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be "yes" or "no".';
const PUBLISHED = `<|im_start|>system
${SYSTEM}<|im_end|>
<|im_start|>user
${QUESTION}<|im_end|>
<|im_start|>assistant
`;
const NO_THOUGHT = '<think>\n\n</think>\n\n';

test('a model that thinks is asked in the published form of Qwen3-Reranker, to the letter', () => {
  expect(asked(CHAT_ML, true)).toBe(PUBLISHED + NO_THOUGHT);
});

test('a model without such tokens is asked for its answer at once', () => {
  expect(asked(CHAT_ML, false)).toBe(PUBLISHED);
});

test.for(['<think>\n', NO_THOUGHT, '<think></think>'])(
  'a template that begins a thought itself (%j) begins no second',
  (begun) => {
    expect(asked(CHAT_ML + begun, true)).toBe(PUBLISHED + NO_THOUGHT);
  },
);

test.for([
  [
    'refuses a system message',
    "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}[{{ messages[0].content }}]",
  ],
  ['leaves one out', "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}"],
])('where the template %s, the user says it all', ([, template]) => {
  expect(asked(template, false)).toBe(`[${SYSTEM}\n\n${QUESTION}]`);
});

test.for([
  [undefined, 'expected a chat template in the tokenizer of mine, to ask it in its own form, got none'],
  ['hi', 'expected the chat template of mine to show what a user says, once and as it is; it does not'],
  ['{{ messages[0].content }}{{ messages[0].content }}', 'expected the chat template of mine to show what a user says'],
] as const)('a model that cannot be asked is refused: %s', ([template, message]) => {
  expect(() => asked(template, false)).toThrow(message);
});
