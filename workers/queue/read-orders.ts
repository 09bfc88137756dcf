// read_orders: what administrators ask of this worker now, and the bounds that settings set.

import type { QueueDatabase } from './database.ts';

export interface FleetOrder {
  readonly order_id: string;
  readonly what: 'preload' | 'unload';
  /** Null for all of this worker. */
  readonly models: readonly string[] | null;
}

export interface Orders {
  /** In bytes; null where there is none. */
  readonly bounds: {
    readonly engine_models: number | null;
    readonly worker_models: number | null;
    readonly request: number | null;
  };
  /** Those that it has not answered, in the order in which they came. */
  readonly orders: readonly FleetOrder[];
}

export async function readOrders(db: QueueDatabase, workerId: string): Promise<Orders> {
  const [row] = await db.query<{ orders: Orders }>(`select ${db.privateSchema}.read_orders($1) as orders`, [workerId]);
  return row!.orders;
}
