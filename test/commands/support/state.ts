// Databases with something in them worth a backup.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { addressOf, freshName, inDatabase, openClient, runAs } from '../../support/database.ts';
import type { TestServer } from '../../support/test-servers.ts';

export interface StateDatabase {
  readonly adminUrl: string;
  readonly superuserUrl: string;
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
  ask(text: string, values?: readonly unknown[]): Promise<any[]>;
}

const made: { server: TestServer; database: string; roles: string[] }[] = [];

/** A migrated database on a server of this version, with logins of these names that may write. */
export async function stateDatabase(version: number, logins: readonly string[] = []): Promise<StateDatabase> {
  const answer = await fetch(`${inject('testServersUrl')}?version=${version}`);
  const server = (await answer.json()) as TestServer;
  const database = freshName('state');
  await runAs(server.superuserUrl, [
    `create database ${database} template ${server.template} owner ${server.logins.admin.name}`,
    `alter database ${database} set search_path = "$user", public, steadytext`,
  ]);
  const entry = { server, database, roles: [] as string[] };
  made.push(entry);
  const superuserUrl = inDatabase(server.superuserUrl, database);
  for (const name of logins) {
    await runAs(superuserUrl, [`create role ${name} login in role steadytext_writer`]);
    entry.roles.push(name);
  }
  return {
    superuserUrl,
    adminUrl: addressOf(server, server.logins.admin, database),
    ask: async (text, values) => {
      await using client = await openClient(superuserUrl);
      return (await client.query(text, values as unknown[])).rows;
    },
  };
}

/** Requests of each state, of which some have a place for their result, and a kept result of two logins, a prompt with two versions, a weight and a setting. */
export async function fillState(
  database: Pick<StateDatabase, 'superuserUrl'>,
  [first, second]: readonly [string, string],
): Promise<void> {
  const asked = (login: string) => [
    `set role ${login}`,
    `select steadytext_generate_async('to be claimed', idempotency_key => 'one')`,
    `select steadytext_generate_async('will be done', idempotency_key => 'two')`,
    `select steadytext_embed_async(E'later: "\\u2028\\t\\\\"', scheduled_at => now() + interval '1 day')`,
    'reset role',
  ];
  await runAs(database.superuserUrl, [
    `update steadytext_models set digest = 'sha256:test'`,
    ...asked(first),
    ...asked(second),
    `set role ${first}`,
    `select steadytext_prompt_create('greeting', 'Hello {{ name }}')`,
    `select steadytext_prompt_update('greeting', 'Good day {{ name }}')`,
    'reset role',
    `select steadytext_config_set('max_documents', '77')`,
    `update steadytext_users set weight = 3 where role_name = '${second}'`,
    `update steadytext_queue set status = 'processing', runnable = false, leased_by = gen_random_uuid(), started_at = now(),
       lease_expires_at = now() + interval '1 hour', lease_token = 4, retry_count = 2 where idempotency_key like '%one%'`,
    `update steadytext_queue set status = 'completed', runnable = false, completed_at = now(), result = 'kept',
       model_digest = 'sha256:test', receipt = '{}', lease_token = 1 where idempotency_key like '%two%'`,
    `select steadytext_private.keep_results(array(select ctid from steadytext_queue where status = 'completed'))`,
    `insert into steadytext_private.write_backs (request_id, user_id, into_table, table_owner, into_column, into_key, source_digest)
       select request_id, user_id, 'notes', 'me', 'summary', '{"id": 1}', sha256('x') from steadytext_queue where status = 'processing'`,
    // Numbers whose last digits would be lost in fewer than nine.
    `insert into steadytext_cache_entries (user_id, cache_key, cache_type, model, model_digest, embedding, receipt, entry_bytes)
       select user_id, 'k', 'embedding', 'm', 'd', array[0.1, 1e-38, 'NaN', 16777217, 3.4028235e38]::real[], '{}', 300 from steadytext_users
       where role_name = '${first}'`,
    `insert into steadytext_private.cache_counts select user_id, 'generation', 5, 7 from steadytext_users where role_name = '${first}'`,
  ]);
}

/** What a backup should carry, under names and not numbers. */
export async function stateOf(
  database: Pick<StateDatabase, 'superuserUrl'>,
  logins: readonly string[],
): Promise<unknown> {
  const own = 'join steadytext_users u using (user_id) where u.role_name = any ($1)';
  const tables = {
    requests: `select u.role_name, to_jsonb(q) - '{id,user_id,enqueued_xid,status,runnable,leased_by,lease_expires_at}'::text[] as row,
      replace(status, 'processing', 'pending') as status from steadytext_queue q ${own} order by request_id`,
    write_backs: `select u.role_name, to_jsonb(w) - 'user_id' as row from steadytext_private.write_backs w ${own} order by request_id`,
    cache: `select u.role_name, to_jsonb(e) - 'id' - 'user_id' as row from steadytext_cache_entries e ${own} order by 1, cache_key`,
    counts: `select u.role_name, c.cache_type, hits, misses from steadytext_private.cache_counts c ${own} order by 1, 2`,
    prompts: `select u.role_name, to_jsonb(p) - 'user_id' as row from steadytext_prompts p ${own}`,
    versions: `select to_jsonb(v) as row from steadytext_prompt_versions v where $1::text[] is not null order by version`,
    weights: `select role_name, weight from steadytext_users where role_name = any ($1) order by 1`,
    settings: `select name, value, source from steadytext_settings where source <> 'default' and $1::text[] is not null`,
    models: `select name, kind, is_default from steadytext_models where $1::text[] is not null order by name`,
  };
  const found: Record<string, unknown> = {};
  await using client = await openClient(database.superuserUrl);
  await client.query(`set timezone = 'UTC'`);
  for (const [name, query] of Object.entries(tables)) found[name] = (await client.query(query, [logins])).rows;
  return found;
}

const folders: string[] = [];

/** Where the server's account may write too. */
export function backupFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-backup-'));
  chmodSync(folder, 0o777);
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  for (const { server, database } of made) await runAs(server.superuserUrl, [`drop database ${database} with (force)`]);
  for (const { server, roles } of made.splice(0))
    await runAs(
      server.superuserUrl,
      roles.map((role) => `drop role ${role}`),
    );
});
