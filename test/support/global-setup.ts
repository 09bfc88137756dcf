// Runs once for a whole test run. Tests learn where to ask for their server; nothing is started until one asks.
import type { TestProject } from 'vitest/node';
import type { ServerVersion } from '../../workers/dev/binaries.ts';
import { serveTestServers } from './test-servers.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testServersUrl: string;
    serverVersion: ServerVersion;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await serveTestServers();
  project.provide('testServersUrl', servers.url);
  return () => servers.close();
}
