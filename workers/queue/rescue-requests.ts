// rescue_requests: take back requests whose lease has run out, a page at a time.

import type { QueueDatabase } from './database.ts';

export interface RescuedRequest {
  readonly requestId: string;
  readonly status: string;
}

export async function rescueRequests(db: QueueDatabase, limit = 100): Promise<RescuedRequest[]> {
  return await db.query<RescuedRequest>(
    `select request_id as "requestId", status from ${db.privateSchema}.rescue_requests($1)`,
    [limit],
  );
}
