// `steadytext receipts verify` beside a running worker: samples, single results, and what the exit status says.

import { expect, test } from 'vitest';
import { runCommand } from '../cli/world.ts';
import { startTestWorker } from '../fleet/support/worker.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

async function threeResults() {
  await startTestWorker(database);
  const url = await database.login(['steadytext_writer']);
  await using login = await database.connect(url);
  const { rows } = await login.query(`select steadytext_generate_async('hello', 20) as text,
    steadytext_embed_async('a text') as vector, steadytext_rerank_async('cat', array['a dog', 'a cat']) as json`);
  const { text, vector, json } = rows[0];
  await login.query('select steadytext_get_async_result($1, 20)', [text]);
  await login.query('select steadytext_get_async_result_embedding($1, 20)', [vector]);
  await login.query('select steadytext_get_async_result_json($1, 20)', [json]);
  const ids: string[] = [text, vector, json];
  return { url, ids };
}

test('its own results a login has verified: one by id, or a sample of all', async () => {
  const { url, ids } = await threeResults();
  const one = await runCommand(['receipts', 'verify', ids[0]!, '--url', url]);
  expect(one.stderr).toBe('1 of 1 are run again\n');
  expect(one.stdout).toContain(ids[0]!);
  expect(one.stdout).toContain('1 same');
  expect(one.status).toBe(0);

  const all = await runCommand(['receipts', 'verify', '--sample', '50', '--json', '--url', url]);
  const rows = all.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(new Set(rows.map((row) => row.request_id))).toEqual(new Set(ids));
  expect(rows.map((row) => row.verdict)).toEqual(['same', 'same', 'same']);
  expect(all.status).toBe(0);

  // Who owns the tables sees all requests, and may verify none: a nightly check by that login must not pass.
  const owner = await runCommand(['receipts', 'verify', '--sample', '50', '--url', database.adminUrl]);
  expect(owner.stdout).toContain('3 gone');
  expect(owner.status).toBe(1);
});

test('an auditor verifies those of all, and one that was changed makes the exit status 1', async () => {
  const { ids } = await threeResults();
  const auditor = await database.login(['steadytext_auditor']);
  await database.query(
    database.superuserUrl,
    `update steadytext.steadytext_queue set result = 'HELLO' where request_id = $1`,
    [ids[0]],
  );
  const { status, stdout } = await runCommand(['receipts', 'verify', '--sample', '1000', '--url', auditor]);
  expect(stdout).toMatch(new RegExp(`${ids[0]} +\\S? *altered +\\S? *output`));
  expect(stdout).toContain('1 altered');
  expect(status).toBe(1);
  // The runs that verified are in the audit log too, and no results to be verified.
  const again = await runCommand(['receipts', 'verify', '--sample', '1000', '--json', '--url', auditor]);
  const sampled = again.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).request_id);
  const rows = await database.query(
    database.superuserUrl,
    'select request_id from steadytext.steadytext_queue where verifies is null',
  );
  const results = rows.map((row) => row.request_id);
  expect(sampled.filter((id) => !results.includes(id))).toEqual([]);
  expect(sampled).toEqual(expect.arrayContaining(ids));
});

test('with no worker the time runs out with status 75; what is named and cannot be verified is told, and the rest goes on', async () => {
  const url = await database.login(['steadytext_writer']);
  const id = await database.query(url, `select steadytext_generate_async('x') as id`).then(([row]) => row.id as string);
  await database.query(
    database.superuserUrl,
    `update steadytext.steadytext_queue set status = 'completed', runnable = false, completed_at = now(), result = 'y'
      where request_id = $1`,
    [id],
  );
  const unknown = '00000000-0000-7000-8000-000000000000';
  const waiting = await runCommand(['receipts', 'verify', id, '--timeout', '1', '--url', url]);
  expect(waiting.stdout).toContain('1 pending');
  expect(waiting.status).toBe(75);
  const pending = await database.query(url, `select steadytext_generate_async('y') as id`).then(([row]) => row.id);
  const named = await runCommand(['receipts', 'verify', id, unknown, pending, '--timeout', '1', '--url', url]);
  expect(named.stdout).toContain('1 pending, 1 gone, 1 not completed');
  expect(named.status).toBe(1);
});

test.each([
  [['receipts', 'verify'], 'expected either request ids or --sample <number>'],
  [
    ['receipts', 'verify', '00000000-0000-7000-8000-000000000000', '--sample', '3'],
    'expected either request ids or --sample <number>',
  ],
  [['receipts', 'verify', 'abc'], 'Expected a request id, such as'],
  [['receipts', 'verify', '--sample', '0'], 'Expected a whole number from 1 to 1000.'],
])('%j is a mistake in the command line', async (args, message) => {
  const { status, stderr } = await runCommand(args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
