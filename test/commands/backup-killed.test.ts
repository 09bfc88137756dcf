// A backup and a restore that are killed half-way: what a database and a folder look like then.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { freshName, openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { runSteadytext, startSteadytext } from './steadytext-process.ts';
import { backupFolder, fillState, type StateDatabase, stateDatabase, stateOf } from './support/state.ts';

const HERE = inject('serverVersion');

/** Starts the command while somebody holds the cache, waits until it is held up there, half-way, and kills it. */
async function killHalfWay(database: StateDatabase, args: readonly string[]): Promise<void> {
  await using holder = await openClient(database.superuserUrl);
  await holder.query('begin; lock table steadytext_cache_entries in access exclusive mode');
  const running = startSteadytext([...args, '--url', database.adminUrl]);
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and application_name ~ '^steadytext (backup|restore)$'`;
  const blocked = async () => (await database.ask(`${waiting} and datname = current_database()`)).length === 1;
  await waitFor(blocked, 'the command to wait for the cache');
  running.child.kill('SIGKILL');
  expect(await running.ended).toBe('SIGKILL');
  await holder.query('rollback');
  const gone = async () =>
    (
      await database.ask(
        `select from pg_stat_activity where application_name ~ '^steadytext (backup|restore)$' and datname = current_database()`,
      )
    ).length === 0;
  await waitFor(gone, 'the session of the killed command to end');
}

test('no file looks whole that is not, an older one stays, and what was left goes with the next; of a restore nothing is there', async () => {
  const logins = [freshName('first'), freshName('second')] as const;
  const source = await stateDatabase(HERE, logins);
  await fillState(source, logins);
  const folder = backupFolder();
  const file = join(folder, 'state.gz');
  writeFileSync(file, 'the one before');
  await killHalfWay(source, ['backup', file]);
  expect(readFileSync(file, 'utf8')).toBe('the one before');
  const left = readdirSync(folder).filter((name) => name !== 'state.gz');
  expect(left).toEqual([expect.stringMatching(/^state\.gz\.\d+\.part$/)]);
  const part = await runSteadytext(['restore', join(folder, left[0]!), '--url', source.adminUrl]);
  expect(part.stderr).toContain('ST020');
  expect((await runSteadytext(['backup', file, '--url', source.adminUrl])).status).toBe(0);
  expect(existsSync(join(folder, left[0]!))).toBe(false);

  const target = await stateDatabase(HERE);
  const before = await stateOf(target, logins);
  await killHalfWay(target, ['restore', file]);
  expect(await stateOf(target, logins)).toEqual(before);
  expect(await target.ask('select from steadytext_queue')).toEqual([]);
  expect((await runSteadytext(['restore', file, '--url', target.adminUrl])).status).toBe(0);
  expect(await stateOf(target, logins)).toEqual(await stateOf(source, logins));
});
