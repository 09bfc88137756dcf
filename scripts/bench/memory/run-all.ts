// Enqueues requests by one of the batch functions and waits until every one of them is completed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';

export async function runAll(client: Client, batch: string, values: readonly unknown[]): Promise<void> {
  await client.query(`select count(*) from ${batch}`, [...values]);
  const left = `select count(*) filter (where status in ('pending', 'processing'))::int as open,
                       count(*) filter (where status not in ('pending', 'processing', 'completed'))::int as lost,
                       min(error) as error
                from steadytext_requests`;
  for (;;) {
    const { open, lost, error } = (await client.query(left)).rows[0];
    if (lost > 0) throw new Error(`Expected every request to be completed, ${lost} were not: ${error}`);
    if (open === 0) return;
    await sleep(100);
  }
}
