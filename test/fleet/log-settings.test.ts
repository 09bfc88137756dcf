// What the database's settings make workers and the server log, while they run; and that no line holds what users wrote.
import { expect, test } from 'vitest';
import { createLogger } from '../../workers/log.ts';
import { openClient, useDatabase } from '../support/database.ts';
import { until } from './support/parts.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();
const asSuperuser = (text: string, values: readonly unknown[] = []) =>
  database.query(database.superuserUrl, text, values);
const set = (name: string, value: string) => asSuperuser('select steadytext_config_set($1, $2)', [name, value]);
const reset = (name: string) => asSuperuser('select steadytext_config_reset($1)', [name]);
const SECRET = 'xyzzy-the-prompt';

test('level, requests and calls are logged as long as the settings say so, without a restart', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  const of = (msg: string) => lines.filter((line) => line.msg === msg);
  const changed = (fields: object) =>
    until(`log settings ${JSON.stringify(fields)}`, () =>
      of('log settings changed').find((line) => Object.entries(fields).every(([name, value]) => line[name] === value)),
    );
  await startTestWorker(database, { log, timings: { heartbeatMs: 30 } });
  await using client = await openClient(await database.login(['steadytext_writer']));
  const run = async (text: string) => {
    const { rows } = await client.query(
      'select steadytext_generate_async($1, 20, use_cache => false, idempotency_key => $1) as id',
      [text],
    );
    await client.query('select steadytext_get_async_result($1)', [rows[0].id]);
    return rows[0].id as string;
  };

  await run(`${SECRET} before`);
  expect(lines.map(({ msg }) => msg)).not.toEqual(expect.arrayContaining(['request ended']));
  await set('log_queries', 'true');
  await changed({ queries: true, level: 'info', communication: false });
  const id = await run(`${SECRET} told`);
  const ended = await until('the request in the log', () =>
    of('request ended').find(({ requestId }) => requestId === id),
  );
  expect(ended).toMatchObject({
    ...{ level: 'info', requestType: 'generate', outcome: 'completed', answer: 'written', attempt: 1 },
    ...{ model: expect.any(String), userId: expect.any(Number), ms: expect.any(Number) },
  });

  expect(of('queue called')).toEqual([]);
  await set('log_daemon_communication', 'true');
  await changed({ communication: true });
  await run(`${SECRET} called`);
  for (const call of ['claim', 'settle', 'heartbeat'])
    expect(await until(call, () => of('queue called').find((line) => line.call === call))).toMatchObject({
      ms: expect.any(Number),
      ...(call !== 'heartbeat' && { requests: 1 }),
    });

  await set('log_level', 'warn');
  await changed({ level: 'warn' });
  const before = lines.length;
  await run(`${SECRET} quiet`);
  expect(lines.slice(before).filter(({ level }) => level === 'info')).toEqual([]);
  expect(log.level).toBe('warn');
  await set('log_level', 'debug');
  await until('the level', () => log.level === 'debug');
  // Taken back, the worker's own level counts, whatever it is.
  for (const name of ['log_level', 'log_queries', 'log_daemon_communication']) await reset(name);
  await until('the worker’s own level', () => log.level === 'info');
  await changed({ level: 'info', queries: false, communication: false });
  expect(JSON.stringify(lines)).not.toContain(SECRET);
});

test('looks into the cache and evictions are in the log of the server, which their own session may see', async () => {
  await asSuperuser(`update steadytext_models set digest = 'sha256:echo' where kind = 'text'`);
  await using client = await openClient(await database.login(['steadytext_admin']));
  const lines: string[] = [];
  client.on('notice', ({ severity, message }) => severity === 'LOG' && lines.push(message!));
  await client.query(`set client_min_messages = 'log'`);
  const look = () => client.query('select steadytext_generate_batch_async($1)', [[SECRET, `${SECRET} 2`]]);
  await look();
  expect(lines).toEqual([]);
  await set('log_cache_operations', 'true');
  await look();
  expect(lines).toEqual([expect.stringMatching(/^steadytext cache: 0 of 2 found in generation of user \d+$/)]);
  await asSuperuser(
    `insert into steadytext_cache_entries (user_id, cache_key, cache_type, model, model_digest, result, receipt, entry_bytes)
     values (1, 'key', 'generation', 'm', 'd', $1, '{}', 300)`,
    [SECRET],
  );
  await client.query(`select steadytext_evict_cache('generation', 0)`);
  expect(lines.at(-1)).toBe(
    'steadytext cache: 1 entries of generation evicted by frecency, 300 octets freed, 0 entries left',
  );
  await reset('log_cache_operations');
  await look();
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain(SECRET);
});
