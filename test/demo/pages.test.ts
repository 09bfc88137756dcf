// The SQL of the pages with the default models, as it stands there, and what the text around it says of it.

import type pg from 'pg';
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { answerIn, usePages } from './run-page.ts';

const runPage = usePages();

test('README.md: each statement gives what the text around it says', { timeout: 600_000 }, async () => {
  const { answers, client } = await runPage('README.md');
  const { rows } = await client.query('select id, array_length(embedding, 1) as length from notes order by id');
  expect(rows).toEqual([1, 2].map((id) => ({ id, length: 384 })));
  const answer = (pattern: RegExp) => answerIn(answers, pattern);
  const { id } = answer(/select steadytext_generate_async/);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer(/steadytext_check_async/).status).toMatch(/^(pending|processing|completed)$/);
  expect(answer(/select steadytext_get_async_result\(/).steadytext_get_async_result).toMatch(/\w/);
  expect(answer(/result_json/).steadytext_get_async_result_json).toMatchObject([{ index: 0 }, { index: 1 }]);
  expect(answer(/cancel_async/).steadytext_cancel_async).toBe(true);
  expect(answers.size).toBeGreaterThan(8);
});

test('docs/sql-api.md: each example gives its result', { timeout: 600_000 }, async () => {
  const { answers, client } = await runPage('docs/sql-api.md');
  const { rows } = await client.query(
    `select request_type, count(*)::int from steadytext_requests where status = 'completed' group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { request_type: 'embed', count: 2 },
    { request_type: 'generate', count: 8 },
    { request_type: 'rerank', count: 5 },
  ]);
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

test('docs/streaming.md: the first row is the beginning of the text, and all of them are the text', {
  timeout: 600_000,
}, async () => {
  const { answers, client } = await runPage('docs/streaming.md');
  const rows = [...answers].filter(([statement]) => /fetch/.test(statement)).flatMap(([, fetched]) => fetched);
  const text = rows.map((row) => row.steadytext_generate_stream).join('');
  expect(rows.length).toBeGreaterThan(3);
  const { rows: kept } = await client.query('select result from steadytext_requests order by id limit 1');
  expect(kept).toEqual([{ result: text }]);
  expect(answerIn(answers, /string_agg/)).toEqual({ same: true });
});

test('docs/structured-output.md: a person, a choice and a date come in their forms, and are made again the same', {
  timeout: 600_000,
}, async () => {
  const { answers, client } = await runPage('docs/structured-output.md');
  await verified(client);
  await refusedByWorker(client);
  await endedInTime(client);
  const person = answerIn(answers, /result_json/).steadytext_get_async_result_json as Record<string, unknown>;
  expect(Object.keys(person).toSorted()).toEqual(['age', 'name']);
  expect(person.name).toMatch(/\w/);
  expect(person.age).toBe(Math.trunc(person.age as number));
  expect(person.age).toBeGreaterThanOrEqual(0);
  expect(person.age).toBeLessThanOrEqual(150);
  const texts = [...answers.values()].flatMap(([row]) => row?.steadytext_get_async_result ?? []);
  expect(texts).toEqual([
    expect.stringMatching(/^(positive|negative|neutral)$/),
    expect.stringMatching(/^(19|20)\d\d-\d\d-\d\d$/),
  ]);
});

test('docs/summaries.md: each example gives its result, and the same again', { timeout: 600_000 }, async () => {
  const { answers, client } = await runPage('docs/summaries.md');
  const gave = (pattern: RegExp) => [...answers].find(([statement]) => pattern.test(statement))![1];
  expect(answerIn(answers, /summarize_text/).steadytext_summarize_text).toMatch(/pump/i);
  const summary = { hall: expect.any(Number), ai_summarize: expect.stringMatching(/\w/) };
  expect(gave(/ai_summarize/)).toEqual([summary, summary]);
  expect(answerIn(answers, /summarize_final/).steadytext_summarize_final).toMatch(/\w/);
  const { facts } = answerIn(answers, /extract_facts/).steadytext_extract_facts as { facts: string[] };
  expect(facts).toHaveLength(3);
  expect(facts).toContain('Cats sleep most of the day.');
  expect(answerIn(answers, /deduplicate_facts/).steadytext_deduplicate_facts).toEqual([
    'Cats sleep most of the day.',
    'Dogs need company.',
  ]);
  expect(answerIn(answers, /-> 'chunks'/)).toMatchObject({ chunks: 1, levels: 1 });
  // One of several parts.
  await client.query(`select steadytext_summarize_text(string_agg(
    'Sentence ' || n || ' tells of the river, its bridges and the ships that pass them.', ' '), max_tokens => 30) from generate_series(1, 40) n`);
  const { rows } = await client.query(
    `select request_id, receipt from steadytext_requests where status = 'completed' and (receipt ->> 'chunks')::int > 1`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0].receipt).toMatchObject({ levels: 2, chunks: 2 });
  await waitFor(async () => (await verdictOf(client, rows[0].request_id)) !== 'pending', 'the second run', 60_000);
  expect(await verdictOf(client, rows[0].request_id)).toBe('same');
});

async function verdictOf(client: pg.Client, id: string): Promise<string> {
  return (await client.query('select steadytext_verify($1) as v', [id])).rows[0].v.verdict;
}

test('docs/asynchronous.md: each request goes through what the text says', { timeout: 600_000 }, async () => {
  const { answers } = await runPage('docs/asynchronous.md');
  expect(answerIn(answers, /dimensions/)).toEqual({ dimensions: 384 });
  expect(answerIn(answers, /as ranking/).ranking).toMatchObject([{ document: 'pg_dump writes a copy.' }, {}]);
  expect([...answers].find(([statement]) => /check_async_batch/.test(statement))![1]).toHaveLength(2);
  expect(answerIn(answers, /as cancelled/)).toEqual({ cancelled: true });
  expect(answerIn(answers, /as again/)).toEqual({ again: true });
  expect(answerIn(answers, /as verdict/)).toEqual({ verdict: 'pending' });
  expect(answerIn(answers, /as me/)).toEqual({ me: true, mine: true });
});

test('docs/administration.md: each statement goes through', { timeout: 600_000 }, async () => {
  const { answers, client } = await runPage('docs/administration.md', ['steadytext_admin']);
  expect(answerIn(answers, /config_get/)).toEqual({ steadytext_config_get: '2048' });
  expect(answerIn(answers, /set_default_model/)).toEqual({ steadytext_set_default_model: 'smollm2-135m-instruct' });
  const { rows } = await client.query(`select steadytext_config_get('max_tokens_limit') as value`);
  expect(rows).toEqual([{ value: '4096' }]);
});

test('docs/fleet.md: models are closed and opened, and the fleet is paused and resumed', {
  timeout: 600_000,
}, async () => {
  const { answers, client } = await runPage('docs/fleet.md', ['steadytext_admin']);
  expect(answerIn(answers, /model_status/)).toMatchObject({ workers_loaded: 1, workers_total: 1, model_loaded: true });
  expect(answerIn(answers, /model_memory_usage/)).toMatchObject({ kind: 'text', engine: 1 });
  const closed = answerIn(answers, /unload_models/);
  expect(closed).toMatchObject({ state: 'done', detail: expect.stringMatching(/^closed: smollm2/) });
  expect(answerIn(answers, /preload_models\('/)).toMatchObject({ state: 'done', detail: 'open: all-minilm-l6-v2' });
  expect(answerIn(answers, /daemon_stop/)).toEqual({ steadytext_daemon_stop: true });
  expect(answerIn(answers, /daemon_start/)).toEqual({ steadytext_daemon_start: true });
  const memory = async (order: string) => {
    await client.query(`select steadytext_${order}_models()`);
    return (await client.query('select sum(memory_mb) as mb from steadytext_system_status()')).rows[0].mb;
  };
  // Of some 210 MB, which the system has again.
  expect(await memory('preload')).toBeGreaterThan((await memory('unload')) + 100);
  // A closed one is opened by what asks for it.
  const { rows } = await client.query(`select steadytext_generate('Say hello.', 4, use_cache => false) as it`);
  expect(rows[0].it).toMatch(/\w/);
  for (const name of ['max_model_memory', 'model_memory_limit', 'max_memory_per_request'])
    await client.query('select steadytext_config_reset($1)', [name]);
});

async function verified(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select request_id, receipt from steadytext_requests order by id');
  expect(rows.map(({ receipt }) => Object.keys(receipt.parameters).filter((name) => name.endsWith('_sha256')))).toEqual(
    [['schema_sha256'], ['choices_sha256'], ['pattern_sha256']],
  );
  for (const { request_id } of rows) {
    await waitFor(async () => (await verdictOf(client, request_id)) !== 'pending', 'the second run', 60_000);
    expect(await verdictOf(client, request_id)).toBe('same');
  }
}

/** At once: no attempt could go better. */
async function refusedByWorker(client: pg.Client): Promise<void> {
  const cases = [
    [
      `steadytext_generate_json_async('x', '{"type": "integer", "minimum": 3, "maximum": 2}')`,
      /InvalidInput: .*can satisfy/,
    ],
    [`steadytext_generate_regex_async('x', 'a(?=b)')`, /InvalidInput: .*look-ahead/i],
    [`steadytext_generate_regex_async('x', '\\d{3}-\\d{4}-[a-z]{40}', 5)`, /InvalidInput: .*tokens.*5 may come/],
  ] as const;
  for (const [call, message] of cases) {
    const { rows } = await client.query(`select ${call} as id`);
    const state = async () =>
      (
        await client.query('select status, error, retry_count from steadytext_requests where request_id = $1', [
          rows[0].id,
        ])
      ).rows[0];
    await waitFor(async () => (await state()).status === 'failed', 'the refusal', 60_000);
    expect(await state()).toMatchObject({ retry_count: 0, error: expect.stringMatching(message) });
  }
}

async function endedInTime(client: pg.Client): Promise<void> {
  const schema = {
    type: 'object',
    properties: { story: { type: 'string' }, done: { type: 'boolean' } },
    required: ['story', 'done'],
  };
  const call = `select steadytext_generate_json_async('Tell a long story about the sea.', $1, 24) as id`;
  const { rows } = await client.query(call, [schema]);
  const result = await client.query('select steadytext_get_async_result_json($1, 60) as story', [rows[0].id]);
  expect(result.rows[0].story).toEqual({ story: expect.any(String), done: expect.any(Boolean) });
}

test('docs/audit.md: the log is proved, a table of one’s own is in it, and a user gets what is kept of him', {
  timeout: 600_000,
}, async () => {
  const { answers, client } = await runPage('docs/audit.md', ['steadytext_admin']);
  expect(answerIn(answers, /steadytext_verify_audit/)).toMatchObject({ intact: true, problem: null });
  const { rows } = await client.query(
    `select event_type, function_name, parameters ->> 'reason' as reason from steadytext_audit_log
     where user_id = current_user_id() or parameters ->> 'asked_by' = current_user order by id`,
  );
  expect(rows.slice(0, 3)).toEqual([
    { event_type: 'setting_changed', function_name: 'steadytext_settings', reason: 'ticket 42' },
    { event_type: 'setting_changed', function_name: 'steadytext_settings', reason: null },
    { event_type: 'usage_reported', function_name: 'my_application', reason: null },
  ]);
  expect(JSON.parse(answerIn(answers, /export_user/).everything as string)).toMatchObject({ requests: [] });
});
