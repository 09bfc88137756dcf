// The examples with pg_cron, PostGIS and TimescaleDB. What a model would say is not what they are about: a test's worker answers.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Session } from '../sql/support/queue.ts';
import { answering } from '../sql/support/sync.ts';
import { openClient, runAs } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { useDebianServer } from './support/debian-server.ts';
import { runExample } from './support/example.ts';

const debian = useDebianServer(['pg_cron']);

/** An administrator of ours, who is no superuser. */
async function administrator(...statements: readonly string[]) {
  await runAs(debian.superuserUrl, [
    'grant steadytext_admin to app',
    'grant create on schema public to app',
    ...statements,
  ]);
  return openClient(debian.database.writerUrl);
}

test('pg-cron.sql: jobs run as who made them, and a report is asked for by one and fetched by another', {
  timeout: 240_000,
}, async (context) => {
  debian.needs(context, 'pg_cron', 'postgresql-15-cron');
  await using client = await administrator('create extension pg_cron', 'grant usage on schema cron to app');
  const session = new Session(client);
  const jobs = (await runExample(client, 'pg-cron')).at(-1)!;
  expect(jobs.map(({ jobname }) => jobname)).toEqual([
    ...['steadytext-cache-eviction', 'steadytext-embedding-cache-cleanup', 'ask-for-report', 'fetch-report'],
  ]);
  await session.rows(`create function tell() returns trigger language plpgsql as
    $$ begin perform pg_notify('reports', tg_op); return null; end $$`);
  await session.rows('create trigger tell after insert on daily_reports for each row execute function tell()');
  await session.rows('listen reports');
  // As they stand they run in the morning; every minute is the most often that a job of this version may run.
  const asked = once(client, 'notification');
  await session.rows(`select cron.schedule(jobname, '* * * * *', command) from cron.job`);
  await asked;
  const ends = `select distinct j.jobname, d.status from cron.job_run_details d join cron.job j using (jobid)
    where d.status not in ('starting', 'running') order by 1`;
  const ended = await waitFor(async () => {
    const rows = await session.rows(ends);
    return rows.length >= 4 ? rows : undefined;
  }, 'each job to have run');
  expect(ended).toEqual(jobs.map(({ jobname }) => ({ jobname, status: 'succeeded' })).toSorted(byName));

  const worker = await debian.queue.worker();
  await worker.settle(await worker.claim({ generate: 1 }));
  // What the next minute does.
  await session.rows(String(await session.value(`select command from cron.job where jobname = 'fetch-report'`)));
  expect(await session.value('select report from daily_reports')).toMatch(
    /^SAY IN ONE SENTENCE HOW OUR REQUESTS ARE DOING: \[/,
  );
});

const byName = (a: { jobname: string }, b: { jobname: string }) => (a.jobname < b.jobname ? -1 : 1);

test('postgis.sql: a place is described by what is near it, and texts near it are ranked', async (context) => {
  debian.needs(context, 'postgis', 'postgresql-15-postgis-3');
  await using client = await administrator('create extension postgis schema public');
  const session = new Session(client);
  await using _ = await answering(debian.queue);
  const results = await runExample(client, 'postgis');
  expect(results.at(-2)![0]!.generate_location_description).toBe(
    'DESCRIBE A LOCATION AT LATITUDE 48.858, LONGITUDE 2.295. NEARBY PLACES: THE EIFFEL TOWER, THE CHAMP DE MARS, THE TROCADÉRO. STYLE: A SHORT GUIDE FOR VISITORS',
  );
  // The test's worker ranks the last one first.
  expect(results.at(-1)!.map(({ content, metres }) => [content.split(' ')[1], metres])).toEqual([
    ['bakery', 558],
    ['carousel', 209],
  ]);
  const nowhere = 'st_setsrid(st_makepoint(0, 0), 4326)';
  expect(await session.rows(`select * from search_geo_content('bread', ${nowhere}, 1000)`)).toEqual([]);
  expect(await session.value(`select generate_location_description(${nowhere})`)).toMatch(/NEARBY PLACES: NONE\./);
});

test('timescaledb.sql', async (context) => {
  debian.needs(context, 'timescaledb', 'timescaledb, which Debian 12 does not have');
  debian.needs(context, 'vector', 'postgresql-15-pgvector');
  await using client = await administrator('create extension timescaledb', 'create extension vector');
  await runExample(client, 'timescaledb');
  await client.query(`call refresh_continuous_aggregate('hourly_log_analysis', null, null)`);
});
