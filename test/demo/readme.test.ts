// The README's SQL does what the text around it says.

import { expect, test } from 'vitest';
import { answerIn, runPage } from './run-page.ts';

test('every statement of the README gives what the text around it says', { timeout: 600_000 }, async () => {
  const answers = await runPage('README.md', async (client) => {
    const { rows } = await client.query('select id, array_length(embedding, 1) as length from notes order by id');
    expect(rows).toEqual([1, 2].map((id) => ({ id, length: 384 })));
  });
  const answer = (pattern: RegExp) => answerIn(answers, pattern);
  const { id } = answer(/select steadytext_generate_async/);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer(/steadytext_check_async/).status).toMatch(/^(pending|processing|completed)$/);
  expect(answer(/select steadytext_get_async_result\(/).steadytext_get_async_result).toMatch(/\w/);
  expect(answer(/result_json/).steadytext_get_async_result_json).toMatchObject([{ index: 0 }, { index: 1 }]);
  expect(answer(/cancel_async/).steadytext_cancel_async).toBe(true);
  expect(answers.size).toBeGreaterThan(8);
});
