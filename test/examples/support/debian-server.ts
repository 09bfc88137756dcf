// A server of Debian's PostgreSQL 15, for extensions that only Debian has. Tests skip themselves, with the package, where it is not.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, type TestContext } from 'vitest';
import { createDevDatabase, type DevDatabase } from '../../../workers/dev/dev-database.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../workers/dev/embedded-server.ts';
import type { TestQueue } from '../../sql/support/queue.ts';
import { WorkerSession } from '../../sql/support/worker-session.ts';
import { openClient, type TestClient } from '../../support/database.ts';

const FOLDER = '/usr/lib/postgresql/15';
const SHARED = '/usr/share/postgresql/15/extension';

export interface DebianServer {
  readonly database: DevDatabase;
  readonly superuserUrl: string;
  /** Skips a test where the extension's package is not installed. */
  needs(context: TestContext, extension: string, aptPackage: string): void;
  /** For a worker of the test, in place of a fleet. */
  readonly queue: Pick<TestQueue, 'worker'>;
}

export function useDebianServer(preload: readonly string[]): DebianServer {
  let server: EmbeddedServer | undefined;
  let database: DevDatabase;
  const open: TestClient[] = [];
  const has = (extension: string) =>
    existsSync(`${FOLDER}/bin/postgres`) && existsSync(`${SHARED}/${extension}.control`);
  beforeAll(async () => {
    if (!existsSync(`${FOLDER}/bin/postgres`)) return;
    const preloaded = preload.filter(has);
    server = await startEmbeddedServer({
      ...{ version: 15, installation: { version: 15, release: 'debian', folder: FOLDER }, temporary: true },
      settings: {
        ...(preloaded.length > 0 && { shared_preload_libraries: preloaded.join() }),
        ...(preloaded.includes('pg_cron') && {
          'cron.database_name': 'steadytext',
          'cron.use_background_workers': 'on',
        }),
      },
    });
    database = await createDevDatabase(server);
  });
  afterAll(async () => {
    for (const client of open) await client.end();
    await server?.stop('immediate');
  });
  return {
    get database() {
      return database;
    },
    get superuserUrl() {
      return server!.url('postgres', server!.passwords.postgres, 'steadytext');
    },
    needs: (context, extension, aptPackage) => {
      if (!has(extension)) context.skip(`${extension} is not installed (apt-get install ${aptPackage})`);
    },
    queue: {
      worker: async () => {
        const client = await openClient(database.workerUrl);
        open.push(client);
        return new WorkerSession(client, randomUUID());
      },
    },
  };
}
