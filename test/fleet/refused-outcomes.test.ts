// Logins and databases that stand against what a worker writes: what the wire format needs is set for each settle, and a
// worker whose outcomes are all refused leaves the queue to others.

import { expect, test } from 'vitest';
import { createLogger } from '../../workers/log.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from '../fault/support/requests.ts';
import { startBouncer } from '../support/bouncer.ts';
import { runAs, useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startTestWorker } from './support/worker.ts';

const database = useDatabase();

const ODD = `array_nulls = off; standard_conforming_strings = off; extra_float_digits = -15; datestyle = 'SQL, DMY'; bytea_output = escape;
  intervalstyle = sql_standard; xmloption = document; quote_all_identifiers = on; search_path = nope; row_security = off`;

async function oddLogin(): Promise<string> {
  const url = await database.login(['steadytext_worker']);
  const { username } = new URL(url);
  const settings = ODD.split(';').map((setting) => `alter role ${username} set ${setting.trim()}`);
  await runAs(database.superuserUrl, settings);
  return url;
}

const once = { status: 'completed', retry_count: 0, logged: 1, audited: 1 };

test.for(['directly', 'through a bouncer in transaction mode'])(
  'a login with odd settings settles as any other, %s',
  async (way, context) => {
    const login = await oddLogin();
    const url = way === 'directly' ? login : (await startBouncer(context, [login])).url(login);
    const worker = await startTestWorker({ workerUrl: url }, { env: { STEADYTEXT_LISTEN_URL: login } });
    const ids = await enqueueEmbeds(database, texts(100, way));
    await waitFor(async () => (await countIn(database, ids, 'completed')) === 100, 'all to finish', 20_000);
    expect(await fatesOf(database, ids)).toEqual(Array(100).fill(expect.objectContaining(once)));
    expect(worker.stats()).toMatchObject({ written: 100, refused: 0 });
  },
);

test('a worker whose outcomes are all refused claims no more for a while, and says so once', async () => {
  await refuseOutcomes(true);
  const events: string[] = [];
  const log = createLogger('info', { write: (line) => void events.push(JSON.parse(line).msg) });
  const refused = await startTestWorker(database, { log, timings: { refusedPauseMs: 600_000 } });
  const first = await enqueueEmbeds(database, texts(40, 'refused'));
  await waitFor(() => refused.stats().refused === 40, 'all to be refused');
  expect(events.filter((event) => event === 'settling paused')).toHaveLength(1);
  await refuseOutcomes(false);
  const other = await startTestWorker(database);
  const later = await enqueueEmbeds(database, texts(400, 'later'));
  await waitFor(
    async () => (await countIn(database, [...first, ...later], 'completed')) === 440,
    'all to finish',
    20_000,
  );
  expect(await fatesOf(database, later)).toEqual(
    Array(400).fill(expect.objectContaining({ ...once, ended_by: other.id })),
  );
  expect(refused.stats().claimed).toBe(40);
});

test('and claims again after it', async () => {
  await refuseOutcomes(true);
  const worker = await startTestWorker(database, { timings: { refusedPauseMs: 300 } });
  const ids = await enqueueEmbeds(database, texts(40, 'again'));
  await waitFor(() => worker.stats().refused >= 40, 'all to be refused');
  await refuseOutcomes(false);
  await waitFor(async () => (await countIn(database, ids, 'completed')) === 40, 'all to finish', 20_000);
});

async function refuseOutcomes(now: boolean): Promise<void> {
  await runAs(
    database.superuserUrl,
    now
      ? [
          `create function public.refuse() returns trigger language plpgsql as $$
           begin raise invalid_text_representation using message = 'refused by a test'; end $$`,
          'create trigger refuse before insert on steadytext.steadytext_request_log for each row execute function public.refuse()',
        ]
      : ['drop function public.refuse cascade'],
  );
}
