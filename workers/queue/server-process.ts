// Whether a connection ends at a server process, or at a bouncer before it.

import type pg from 'pg';

/** A bouncer greets with a number of its own in place of the server process's. */
export async function speaksWithServer(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid === (client as unknown as { processID: number | null }).processID;
}
