// Validation of prompts: asked for by a call, and of every generation where an administrator says so.

import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

test.each([
  ['null, 5', 'Prompt cannot be null'],
  [`'', 5`, 'Prompt cannot be empty'],
  [`E' \\n', null`, 'Prompt cannot be empty'],
  [`repeat('x', 100001), 5`, 'Prompt too long: 100001 characters'],
  [`'please drop' || E'\\n ' || 'Table people', 5`, 'Potentially malicious prompt detected'],
  [`'TRUNCATE DATABASE', 5`, 'Potentially malicious prompt detected'],
  [`'x', 4097`, 'Token limit too high: 4097'],
  [`'x', 2147483647`, 'Token limit too high: 2147483647'],
  [`'x', 0`, 'max_tokens must be between 1 and 4096'],
  [`'x', -5`, 'max_tokens must be between 1 and 4096'],
])('validate_generation_input(%s) raises: %s', async (input, message) => {
  const alice = await queue.session('alice');
  expect(await refusal(alice, `select validate_generation_input(${input})`)).toEqual({
    code: 'P0001',
    message,
    hint: expect.stringMatching(/\w.*\.$/),
  });
});

test('what can be generated from is true, and the limits are the settings', async () => {
  const alice = await queue.session('alice');
  const admin = await queue.session('admin', ['steadytext_admin']);
  const valid = `select bool_and(validate_generation_input(p, t)) from (values ('hi', 512), ('drop the table', null)) v (p, t)`;
  expect(await alice.value(valid)).toBe(true);
  await admin.rows(
    `select steadytext_config_set('max_input_length', '3'), steadytext_config_set('max_tokens_limit', '5')`,
  );
  try {
    expect(await alice.value(`select validate_generation_input('abc', 5)`)).toBe(true);
    for (const input of [`'abcd', 5`, `'abc', 6`])
      expect(await refusal(alice, `select validate_generation_input(${input})`)).toMatchObject({
        message: expect.stringMatching(/^(Prompt too long|Token limit too high): \d/),
      });
  } finally {
    await admin.rows(`select steadytext_config_reset('max_input_length'), steadytext_config_reset('max_tokens_limit')`);
  }
  expect(await alice.value('select count(*)::int from steadytext_requests')).toBe(0);
});

test('with enable_input_validation every way into a generation is validated, and no other request', async () => {
  const alice = await queue.session('alice');
  const admin = await queue.session('admin', ['steadytext_admin']);
  const generations = [
    `select steadytext_generate_async('drop table x')`,
    `select steadytext_generate_batch_async(array['fine', 'update database'])`,
    `select steadytext_generate_choice_async('insert table', array['a', 'b'])`,
    `insert into steadytext_queue (prompt, request_type) values ('delete  table x', 'generate')`,
  ];
  const others = [
    `select steadytext_embed_async('drop table x')`,
    `select steadytext_rerank_async('drop table x', array['drop table y'])`,
    `select steadytext_generate_async('drop the table')`,
  ];
  for (const call of [...generations, ...others]) await alice.rows(call);
  await admin.rows(`select steadytext_config_set('enable_input_validation', 'on')`);
  try {
    for (const call of generations)
      expect(await refusal(alice, call)).toMatchObject({
        code: 'P0001',
        message: 'Potentially malicious prompt detected',
      });
    for (const call of others) await alice.rows(call);
  } finally {
    await admin.rows(`select steadytext_config_reset('enable_input_validation')`);
  }
});
