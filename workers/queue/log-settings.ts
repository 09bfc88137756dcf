// log_settings: what the database's settings want workers to log.

import type { QueueDatabase } from './database.ts';

export interface LogSettings {
  /** null: nobody has set one, so the worker's own counts. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | null;
  /** A line for each request that ends. */
  readonly queries: boolean;
  /** A line for each call of the queue's functions. */
  readonly communication: boolean;
}

export async function logSettings(db: QueueDatabase): Promise<LogSettings> {
  const [row] = await db.query<LogSettings>(
    `select level, queries, communication from ${db.privateSchema}.log_settings()`,
    [],
  );
  return row!;
}
