// answer_order: whether this worker did what was asked of it, and how.

import type { QueueDatabase } from './database.ts';

export interface OrderAnswer {
  readonly done: boolean;
  readonly detail: string;
}

export async function answerOrder(
  db: QueueDatabase,
  workerId: string,
  orderId: string,
  { done, detail }: OrderAnswer,
): Promise<void> {
  await db.query(`select ${db.privateSchema}.answer_order($1, $2, $3, $4)`, [workerId, orderId, done, detail]);
}
