// A migrated database on an embedded server, with the logins that a real one would have.
import type { Logger } from '../log.ts';
import type { BossQueue } from '../queue/migrate/boss.ts';
import { withClient } from '../queue/migrate/connection.ts';
import { ensureExtension } from '../queue/migrate/extension.ts';
import { ensureDatabase, ensureLogin, ensureUser } from '../queue/migrate/logins.ts';
import { type MigrateReport, migrate } from '../queue/migrate/migrate.ts';
import { setupSync } from '../queue/setup-sync.ts';
import type { EmbeddedServer } from './embedded-server.ts';

export interface DevDatabase {
  /** Owner of the database: no superuser, may make roles. */
  readonly adminUrl: string;
  /** An ordinary login that may enqueue. */
  readonly writerUrl: string;
  readonly workerUrl: string;
  readonly migrated: MigrateReport;
}

export interface DevDatabaseOptions {
  /** The queues of the periodic work. */
  readonly queues?: readonly BossQueue[];
  readonly log?: Logger;
  /** Extensions that are there besides. */
  readonly extensions?: readonly string[];
}

const DATABASE = 'steadytext';

/** Safe to call at every start: what is there is kept, and the addresses stay the same. */
export async function createDevDatabase(
  server: EmbeddedServer,
  { extensions = [], ...options }: DevDatabaseOptions = {},
): Promise<DevDatabase> {
  const { admin, app, worker } = server.passwords;
  await withClient({ url: server.superuserUrl }, async (client) => {
    await ensureLogin(client, { name: 'admin', password: admin, createRole: true });
    await ensureDatabase(client, DATABASE, 'admin');
  });
  const adminUrl = server.url('admin', admin, DATABASE);
  // As the owner of a managed database would: nothing of this needs a superuser.
  const migrated = await migrate({ url: adminUrl, ...options });
  await withClient({ url: adminUrl }, async (client) => {
    await ensureLogin(client, { name: 'app', password: app, memberOf: ['steadytext_writer'] });
    await ensureLogin(client, { name: 'worker', password: worker, memberOf: ['steadytext_worker'] });
    await ensureUser(client, 'admin');
    await ensureUser(client, 'app');
  });
  const superuserUrl = server.url('postgres', server.passwords.postgres, DATABASE);
  await withClient({ url: superuserUrl }, async (client) => {
    for (const name of extensions) await ensureExtension(client, name);
  });
  // dblink needs one too.
  await setupSync({ url: superuserUrl });
  return {
    adminUrl,
    writerUrl: server.url('app', app, DATABASE),
    workerUrl: server.url('worker', worker, DATABASE),
    migrated,
  };
}
