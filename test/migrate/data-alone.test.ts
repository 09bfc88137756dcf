// Rows of users that are put back from a dump of data alone: what they say is kept, and nobody gets what was another's.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient, runAs } from '../support/database.ts';
import { emptyDatabase, type Place } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'steadytext-dump-'));
// The server, which reads and writes there, may run as another user.
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TABLES = ['steadytext_users', 'steadytext_queue'] as const;
const HEARTBEAT = `select steadytext_private.heartbeat_worker(gen_random_uuid(), 'running', 'h', 1, 'v', '[]', '[]')`;
const USERS = 'select * from steadytext.steadytext_users order by user_id';

/** Rows of users and requests as pg_dump --data-only writes them, or with --inserts. Returns what puts them back. */
const WAYS: Readonly<Record<string, (from: Place) => Promise<(to: Place) => Promise<void>>>> = {
  COPY: async (from) => {
    const parts = await Promise.all(
      TABLES.map(async (table) => {
        const file = join(folder, `${from.database}.${table}`);
        const [{ columns }] = await from.ask(
          `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
           where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
          [`steadytext.${table}`],
        );
        await from.ask(`copy steadytext.${table} (${columns}) to '${file}'`);
        return `copy steadytext.${table} (${columns}) from '${file}';`;
      }),
    );
    return async (to) => void (await to.ask(parts.join('\n')));
  },
  INSERT: async (from) => {
    const [users, requests] = await Promise.all(TABLES.map((table) => from.ask(`select * from steadytext.${table}`)));
    return async (to) => {
      await using owner = await openClient(to.superuserUrl);
      await owner.query(`set role ${from.rolePrefix}steadytext_owner`);
      await owner.query(
        `insert into steadytext.steadytext_users overriding system value
         select * from jsonb_populate_recordset(null::steadytext.steadytext_users, $1)`,
        [JSON.stringify(users)],
      );
      for (const { request_id, user_id, model, prompt } of requests!)
        await owner.query(
          `insert into steadytext.steadytext_queue (request_id, user_id, request_type, model, prompt) values ($1, $2, 'embed', $3, $4)`,
          [request_id, user_id, model, prompt],
        );
    };
  },
};

/** Two writers who have asked; then the role of the second was dropped. */
async function withGoneUser() {
  const place = await emptyDatabase();
  await migrate({ url: place.ownerUrl, rolePrefix: place.rolePrefix });
  const alice = await place.login(`in role ${place.rolePrefix}steadytext_writer`);
  const gus = new URL(place.superuserUrl);
  gus.username = `${place.rolePrefix}gus`;
  gus.password = 'again';
  const createGus = `create role ${gus.username} login password 'again' in role ${place.rolePrefix}steadytext_writer`;
  await place.ask(createGus);
  await grantConnect(place, alice, gus.href);
  await ask(alice, 'of alice');
  await ask(gus.href, 'of the old gus');
  await place.ask(`update steadytext.steadytext_users set weight = 3 where role_name = $1`, [new URL(alice).username]);
  await place.ask('set session_replication_role = replica; truncate steadytext.steadytext_audit_log');
  await place.ask(`drop owned by ${gus.username}; drop role ${gus.username}`);
  await place.ask(HEARTBEAT);
  return { place, alice, gus: gus.href, createGus };
}

async function grantConnect(place: Place, ...urls: readonly string[]): Promise<void> {
  const names = urls.map((url) => new URL(url).username).join(', ');
  await runAs(place.superuserUrl, [`grant connect on database ${place.database} to ${names}`]);
}

async function ask(url: string, text: string): Promise<void> {
  await using client = await openClient(url);
  await client.query('select steadytext.steadytext_embed_async($1)', [text]);
}

async function seen(url: string): Promise<string[]> {
  await using client = await openClient(url);
  const { rows } = await client.query('select prompt from steadytext.steadytext_requests order by id');
  return rows.map(({ prompt }) => prompt as string);
}

function at(url: string, place: Place): string {
  const there = new URL(url);
  there.pathname = `/${place.database}`;
  return there.href;
}

const noted = (place: Place) =>
  place.ask(`select * from steadytext.steadytext_audit_log where event_type = 'weight_changed'`);

test.each(Object.keys(WAYS))(
  'by %s into another database: a user without a role stays nobody, whoever is called so now',
  async (way) => {
    const { place: from, alice, gus, createGus } = await withGoneUser();
    const users = await from.ask(USERS);
    const putBack = await WAYS[way]!(from);
    const to = await emptyDatabase();
    await migrate({ url: to.superuserUrl, rolePrefix: from.rolePrefix });
    await putBack(to);
    expect(await to.ask(USERS)).toEqual(users);
    expect(await noted(to)).toEqual([]);

    await to.ask('truncate steadytext.steadytext_users, steadytext.steadytext_queue');
    await to.ask(createGus);
    await grantConnect(to, alice, gus);
    await putBack(to);
    expect(await to.ask(USERS)).toEqual(users);
    expect(await seen(at(gus, to))).toEqual([]);
    expect(await seen(at(alice, to))).toEqual(['of alice']);
    await to.ask(HEARTBEAT);
    await to.ask('select steadytext.steadytext_rebind_users()');
    expect(await seen(at(gus, to))).toEqual([]);
    expect(await seen(at(alice, to))).toEqual(['of alice']);
    await to.ask(`drop owned by ${new URL(gus).username}, ${new URL(alice).username}`);
    await from.ask(`drop owned by ${new URL(alice).username}; drop role ${new URL(gus).username}`);
  },
);

test.each(Object.keys(WAYS))('by %s into the very table that they come from: likewise', async (way) => {
  const { place, alice, gus, createGus } = await withGoneUser();
  const users = await place.ask(USERS);
  const putBack = await WAYS[way]!(place);
  await place.ask(createGus);
  await grantConnect(place, gus);
  await place.ask('truncate steadytext.steadytext_users, steadytext.steadytext_queue');
  await putBack(place);
  expect(await place.ask(USERS)).toEqual(users);
  expect(await noted(place)).toEqual([]);
  expect(await seen(gus)).toEqual([]);
  expect(await seen(alice)).toEqual(['of alice']);
  await place.ask(
    `drop owned by ${new URL(gus).username}, ${new URL(alice).username}; drop role ${new URL(gus).username}`,
  );
});

test('a table of users that was lost is made again as the error says, and with its rows everybody sees what is his', async () => {
  const { place, alice, gus, createGus } = await withGoneUser();
  const users = await place.ask(USERS);
  await WAYS.COPY!(place);
  const copy = `copy steadytext.steadytext_users (user_id, role_name, role_oid, weight, created_at, binding_mark)
    from '${join(folder, `${place.database}.steadytext_users`)}'`;
  await place.ask('drop table steadytext.steadytext_users cascade');
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix };
  const refusal = await migrate(options).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'DatabaseDamaged' });
  const { hint } = refusal as { hint: string };
  await place.ask(hint.slice(hint.indexOf('set role')));
  await migrate(options);
  expect(await seen(alice)).toEqual([]);
  await place.ask(createGus);
  await grantConnect(place, gus);
  await place.ask(copy);
  expect(await place.ask(USERS)).toEqual(users);
  expect(await seen(alice)).toEqual(['of alice']);
  expect(await seen(gus)).toEqual([]);
  // Workers begin again.
  await place.ask(HEARTBEAT);
  await ask(alice, 'later');
  expect(await seen(alice)).toEqual(['of alice', 'later']);
  expect(await seen(gus)).toEqual([]);
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, drift: [] });
  await place.ask(
    `drop owned by ${new URL(gus).username}, ${new URL(alice).username}; drop role ${new URL(gus).username}`,
  );
});
