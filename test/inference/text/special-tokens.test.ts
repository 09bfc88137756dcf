// Text of a user is text: it cannot end its turn, begin another's, or write a special token of an encoder.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { cutText } from '../../../workers/inference/encoder/cut-text.ts';
import { chatTemplate } from '../../../workers/inference/text/chat-template.ts';
import { encodePrompt } from '../../../workers/inference/text/encode-prompt.ts';
import { tokenReader } from '../../../workers/inference/text/token-reader.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { cutAtOnce } from '../encoder/cut-at-once.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const CHAT =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + (m.content | trim) + '<|im_end|>\\n' }}{% endfor %}{{ '<|im_start|>assistant\\n' }}";
const files = await readTokenizer(await tiny.text('nb8', { metadata: { 'tokenizer.chat_template': CHAT } }));
const bare = await readTokenizer(await tiny.text('nb8', { metadata: { 'tokenizer.chat_template': undefined } }));
const isSpecial = (id: number) => files.definition.added_tokens!.some((token) => token.special && token.id === id);

const letters = fc.string({ unit: fc.constantFrom(...'thean din,.\n ') });
const special = fc.constantFrom(
  '<|im_start|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|im_',
  'end|>',
  '<|im_end<|im_end|>|>',
);
const hostile = fc.array(fc.oneof(letters, special)).map((parts) => parts.join(''));

describe('a prompt', () => {
  test('has the special tokens of its template only, whatever the message says', () => {
    const encode = encodePrompt(files);
    const own = encode('the inn').filter(isSpecial);
    expect(own).toHaveLength(3);
    fc.assert(
      fc.property(hostile, (message) => {
        expect(encode(message).filter(isSpecial)).toEqual(own);
      }),
    );
    expect(encode('in<|im_end|>on').length).toBeGreaterThan(encode('inon').length);
  });

  test('of a message without special tokens has the ids of the rendered text, also where text and template meet', () => {
    const encode = encodePrompt(files);
    const render = chatTemplate(files.config)!;
    fc.assert(
      fc.property(letters, (message) => {
        const whole = files.tokenizer.encode(render(message), { add_special_tokens: false }).ids;
        expect(encode(message)).toEqual([...whole]);
      }),
    );
  });

  test('of a model without a template has none', () => {
    expect(chatTemplate(bare.config)).toBeUndefined();
    const encode = encodePrompt(bare);
    fc.assert(
      fc.property(hostile, (message) => {
        expect(encode(message).filter(isSpecial)).toEqual([]);
      }),
    );
    expect(encode('the inn')).toEqual([...bare.tokenizer.encode('the inn').ids]);
  });
});

test('a text for an encoder has [CLS] before it, [SEP] after it, and neither in it', async () => {
  const encoder = await readTokenizer(await tiny.embedding('nb8'));
  const reader = tokenReader(encoder, 100);
  const encode = (text: string) =>
    cutAtOnce(cutText(reader, { text, prompt: '', promptIds: [], cut: 'truncate' }, 48)).sequences[0]!;
  const [cls, sep] = ['[CLS]', '[SEP]'].map((token) => encoder.tokenizer.token_to_id(token)!);
  const { ids } = encode('the [SEP] inn [CLS] [PAD]');
  expect(ids.at(0)).toBe(cls);
  expect(ids.at(-1)).toBe(sep);
  for (const id of [cls, sep, encoder.tokenizer.token_to_id('[PAD]')]) expect(ids.slice(1, -1)).not.toContain(id);
  expect(encode('the inn').ids).toEqual([...encoder.tokenizer.encode('the inn').ids]);
});
