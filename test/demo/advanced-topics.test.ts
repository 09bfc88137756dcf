// Each statement of pg_steadytext's page "Advanced Topics", run as whoever it is meant for, with a worker and the real models: it
// does what it says, or PostgreSQL refuses it as docs/sql-api.md has it and the form that stands there works.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { fetchVector } from '../../workers/commands/fetch-vector.ts';
import { environment } from '../../workers/config.ts';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { vectorSettings } from '../../workers/dev/vector-folder.ts';
import { silentProgress } from '../../workers/inference/store/progress.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { type Running, startSteadytext } from '../commands/steadytext-process.ts';
import { tableRows } from '../docs/markdown.ts';
import { ROOT, readText } from '../house/source-tree.ts';
import { VECTOR_FOLDER } from '../support/vector-place.ts';
import { type Form, readStatements, type Statement, type Who } from './advanced-topics/statements.ts';

const ROLES: Record<Exclude<Who, 'superuser'>, readonly string[]> = {
  reader: ['steadytext_reader'],
  writer: ['steadytext_writer', 'steadytext_reader'],
  administrator: ['steadytext_admin', 'steadytext_writer', 'steadytext_reader'],
};

/** Where each extension can be had: pgvector for the embedded 18, others for Debian's 15. TimescaleDB for neither. */
const VERSION_OF: Readonly<Record<string, number>> = { vector: 18, timescaledb: 18, pg_cron: 15, postgis: 15 };
const DEBIAN = '/usr/lib/postgresql/15';

async function startServer(version: 18 | 15): Promise<EmbeddedServer> {
  if (version === 18) {
    await fetchVector(VECTOR_FOLDER, environment(), silentProgress).catch(() => undefined);
    return await startEmbeddedServer({ version, temporary: true, settings: vectorSettings(VECTOR_FOLDER) });
  }
  if (!existsSync(`${DEBIAN}/bin/postgres`)) return await startEmbeddedServer({ version, temporary: true });
  const cron = existsSync(`${DEBIAN}/lib/pg_cron.so`);
  return await startEmbeddedServer({
    ...{ version, temporary: true, installation: { version, release: 'debian', folder: DEBIAN } },
    settings: cron ? { shared_preload_libraries: 'pg_cron', 'cron.database_name': 'steadytext' } : {},
  });
}

describe.each([18, 15] as const)('on PostgreSQL %s', (version) => {
  let server: EmbeddedServer;
  let worker: Running;
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-topics-'));
  const clients = new Map<Who, pg.Client>();

  beforeAll(async () => {
    chmodSync(folder, 0o777);
    server = await startServer(version);
    const { adminUrl, workerUrl } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
    worker = startSteadytext(['worker', '--engines', '1'], { DATABASE_URL: workerUrl });
    const superuserUrl = Object.assign(new URL(server.superuserUrl), { pathname: new URL(adminUrl).pathname }).href;
    const superuser = await connect('superuser', superuserUrl);
    await superuser.query(`create role topics_team; set search_path = public, steadytext`);
    for (const [who, roles] of Object.entries(ROLES)) {
      await superuser.query(`create role topics_${who} login password 'topics' in role ${roles.join(', ')};
        create schema topics_${who} authorization topics_${who};
        alter role topics_${who} set search_path = topics_${who}, steadytext, public;`);
      const url = Object.assign(new URL(superuserUrl), { username: `topics_${who}`, password: 'topics' }).href;
      await connect(who as Who, url);
    }
    await superuser.query(
      'grant steadytext_reader, steadytext_writer, steadytext_admin to topics_administrator with admin option',
    );
    for (const extension of ['vector', 'postgis'])
      if (await has(extension)) await superuser.query(`create extension ${extension} schema public`);
    if (await has('vector'))
      await clients.get('writer')!.query('create table documents (id int, content text, embedding vector(384))');
    if (await has('postgis'))
      await clients.get('writer')!.query('create table content (id int, content text, location geometry)');
    await worker.printed(/^worker .* ready/m, 120_000);
  }, 600_000);

  afterAll(async () => {
    for (const client of clients.values()) await client.end();
    worker?.child.kill('SIGTERM');
    await worker?.ended;
    await server?.stop('immediate');
    rmSync(folder, { recursive: true, force: true });
  });

  async function connect(who: Who, url: string): Promise<pg.Client> {
    const client = new pg.Client(url);
    await client.connect();
    clients.set(who, client);
    return client;
  }

  async function run({ who, sql, columns }: Form): Promise<void> {
    const { fields } = await clients.get(who)!.query(sql.replaceAll(":'folder'", pg.escapeLiteral(folder)));
    if (columns !== undefined) expect(fields.map(({ name }) => name).sort()).toEqual(columns.split(', ').sort());
  }

  async function has(extension: string): Promise<boolean> {
    const { rows } = await clients
      .get('superuser')!
      .query('select from pg_available_extensions where name = $1', [extension]);
    return rows.length > 0;
  }

  describe.each([...readStatements()])('%s', (_, all) => {
    const here = all.filter(({ extension }) => extension === undefined || VERSION_OF[extension] === version);
    test.for(here)('$title', { timeout: 120_000 }, async (statement, context) => await check(statement, context));
  });

  async function check({ refused, instead, extension, ...form }: Statement, context: TestContext): Promise<void> {
    if (instead && 'shownBy' in instead) expect(existsSync(join(ROOT, instead.shownBy))).toBe(true);
    if (extension !== undefined && !(await has(extension))) context.skip(`${extension} is not installed`);
    const ended = await run(form).then(
      () => 'done',
      (error: pg.DatabaseError) => error.code ?? String(error),
    );
    const isRefused = refused !== undefined && (refused.below === undefined || version < refused.below);
    expect(ended).toBe(isRefused ? refused.code : 'done');
    if (instead && 'sql' in instead) await run(instead);
  }
});

test('docs/sql-api.md tells of each statement that is refused', () => {
  const told = tableRows(readText('docs/sql-api.md')).flatMap(([what]) => what!.split('; '));
  const refused = [...readStatements().values()].flat().filter((statement) => statement.refused);
  const titles = refused.map(({ title, refused: by }) => (by!.below ? 'a setting of the server, on 15 and 16' : title));
  expect(titles.filter((title) => !told.includes(title))).toEqual([]);
});
