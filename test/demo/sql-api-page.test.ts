// The SQL of docs/sql-api.md with the default models, as it stands there.

import { expect, test } from 'vitest';
import { answerIn, runPage } from './run-page.ts';

test('each example gives its result', { timeout: 600_000 }, async () => {
  const answers = await runPage('docs/sql-api.md', async (client) => {
    const { rows } = await client.query(
      `select request_type, count(*)::int from steadytext_requests where status = 'completed' group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { request_type: 'embed', count: 1 },
      { request_type: 'generate', count: 6 },
      { request_type: 'rerank', count: 5 },
    ]);
  });
  expect(answerIn(answers, /generate_choice/).steadytext_generate_choice).toMatch(/^(positive|negative|neutral)$/);
  expect(answerIn(answers, /generate_regex/).steadytext_generate_regex).toMatch(/^(19|20)\d\d-\d\d-\d\d$/);
  expect(answerIn(answers, /generate_json/).steadytext_generate_json).toEqual({ name: expect.any(String) });
  expect(answerIn(answers, /dimensions/)).toEqual({ dimensions: 384 });
  expect(answerIn(answers, /docs_only/)).toEqual({ document: 'pg_dump writes a copy.' });
  expect([...answers].find(([statement]) => /on_error/.test(statement))![1]).toEqual([
    { answer: expect.stringMatching(/\w/) },
    { answer: 'no answer' },
  ]);
  expect(answerIn(answers, /^call/m).result).toMatch(/\w/);
});
