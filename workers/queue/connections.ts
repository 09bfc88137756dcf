// The worker's connections: one for each thing that must not wait for another, whatever the number of requests. A slow
// claim must not hold up a settle, and neither of them the renewal of leases.

import { QueueClient } from './client.ts';
import { namesOf } from './migrate/names.ts';

export interface ConnectionsOptions {
  readonly url: string;
  readonly schema: string;
  /** Worker name for application_name. */
  readonly workerName: string;
  readonly timeoutMs: number;
}

export interface Connections {
  readonly claim: QueueClient;
  /** Two: while one waits for its commit to reach the disk, the server works for the other. */
  readonly settle: readonly [QueueClient, QueueClient];
  /** Renew, promote, rescue, heartbeat. */
  readonly lease: QueueClient;
  close(): Promise<void>;
}

export function openConnections({ url, schema, workerName, timeoutMs }: ConnectionsOptions): Connections {
  const privateSchema = namesOf(schema).privschema;
  const open = (purpose: string) =>
    new QueueClient({ url, privateSchema, timeoutMs, name: `steadytext ${purpose} ${workerName}`.slice(0, 63) });
  const [claim, first, second, lease] = [open('claim'), open('settle'), open('settle'), open('lease')];
  return {
    claim,
    settle: [first, second],
    lease,
    async close() {
      await Promise.all([claim, first, second, lease].map((client) => client.close()));
    },
  };
}
