// The PostgreSQL servers of one test run: each version's is started when the first test file asks for it, and stays to the end.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { isServerVersion, type ServerVersion } from '../../workers/dev/binaries.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { vectorSettings } from '../../workers/dev/vector-folder.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { VECTOR_FOLDER } from './vector-place.ts';

/** What a test file learns of its server. */
export interface TestServer {
  readonly version: ServerVersion;
  readonly superuserUrl: string;
  /** The database that clones are made from. */
  readonly template: string;
  /** Logins of every clone: the owner of the database (no superuser, CREATEROLE) and a worker. */
  readonly logins: { readonly admin: Login; readonly worker: Login };
}

export interface Login {
  readonly name: string;
  readonly password: string;
}

interface Running {
  readonly server: EmbeddedServer;
  readonly description: TestServer;
}

/** Answers GET ?version=N on the loopback with a TestServer. One that nobody asks any more only waits. */
export async function serveTestServers(): Promise<{ url: string; close(): Promise<void> }> {
  const servers = new Map<ServerVersion, Promise<Running>>();
  const get = async (version: ServerVersion): Promise<TestServer> => {
    const running = servers.get(version) ?? start(version);
    servers.set(version, running);
    return (await running).description;
  };
  const http = createServer((request, response) => {
    const version = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('version'));
    const answer = isServerVersion(version) ? get(version) : Promise.reject(new Error(`no PostgreSQL ${version}`));
    answer.then(
      (description) => response.end(JSON.stringify(description)),
      (error: Error & { hint?: string }) => {
        response.statusCode = 500;
        response.end([error.message, error.hint ?? '', error.stack ?? ''].join('\n'));
      },
    );
  });
  await new Promise<void>((resolve) => http.listen({ host: '127.0.0.1', port: 0 }, () => resolve()));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    close: async () => {
      http.close();
      http.closeAllConnections();
      await Promise.all(
        [...servers.values()].map((running) =>
          running.then(
            ({ server }) => server.stop('immediate'),
            () => undefined,
          ),
        ),
      );
    },
  };
}

async function start(version: ServerVersion): Promise<Running> {
  const settings = { max_connections: '300', ...(version === 18 && vectorSettings(VECTOR_FOLDER)) };
  const server = await startEmbeddedServer({ version, temporary: true, settings });
  try {
    return { server, description: await makeTemplate(server) };
  } catch (error) {
    await server.stop('immediate');
    throw error;
  }
}

async function makeTemplate(server: EmbeddedServer): Promise<TestServer> {
  const template = 'steadytext_template';
  const admin = { name: 'test_admin', password: server.passwords.admin };
  const worker = { name: 'test_worker', password: server.passwords.worker };
  const client = new pg.Client(server.superuserUrl);
  await client.connect();
  try {
    await client.query(`create role ${admin.name} login createrole password '${admin.password}'`);
    await client.query(`create database ${template} owner ${admin.name}`);
    await migrate({ url: server.url(admin.name, admin.password, template), queues: MAINTENANCE_QUEUES });
    await client.query(`create role ${worker.name} login password '${worker.password}' in role steadytext_worker`);
    // Its statistics come along into every clone: without them the first plans would differ from run to run.
    await withClient(server.url('postgres', server.passwords.postgres, template), (inside) =>
      inside.query('vacuum analyze'),
    );
  } finally {
    await client.end();
  }
  return { version: server.version, superuserUrl: server.superuserUrl, template, logins: { admin, worker } };
}

async function withClient(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await use(client).finally(() => client.end());
}
