// The chat template of a model round a user's message.

import { expect, test } from 'vitest';
import { chatTemplate } from '../../../workers/inference/text/chat-template.ts';

test('the message is rendered as the user of a conversation whose next speaker is the model', () => {
  const render = chatTemplate({
    chat_template:
      '{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
    bos_token: '^',
    eos_token: { content: '$', special: true },
  });
  expect(render?.('{{ hi }}')).toBe('^<user>{{ hi }}$<assistant>');
});

test('a model without a template has none', () => {
  expect(chatTemplate({})).toBeUndefined();
});

test("a template that cannot be read is the model folder's fault", () => {
  expect(() => chatTemplate({ chat_template: '{% for %}' })).toThrow(/expected a chat template that can be read/);
});

test('one that refuses a message says so in words of the table', () => {
  const render = chatTemplate({ chat_template: "{{ raise_exception('no ' + messages[0].role) }}" });
  const refused = {
    name: 'ModelUnsupported',
    message: "expected a chat template that takes a user's message: Error: no user",
  };
  expect(() => render?.('hi')).toThrow(expect.objectContaining(refused));
});

test('the day does not change a prompt: the clock is taken away, and who asks for it gets the date of the template', () => {
  const date = '{% if strftime_now is defined %}{{ strftime_now("%d %b %Y") }}{% else %}26 Jul 2024{% endif %}';
  expect(chatTemplate({ chat_template: `\n${date} {{ messages[0].content }}` })?.('hi')).toBe('\n26 Jul 2024 hi');
  const render = chatTemplate({ chat_template: '{{ strftime_now("%Y") }}' });
  expect(() => render?.('hi')).toThrow(expect.objectContaining({ name: 'ModelUnsupported' }));
});
