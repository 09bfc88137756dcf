// What tests of the audit log's seals do: have rows written and sealed, change what may not be changed, and ask.
import { beforeEach } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import type { Row, Session, TestQueue } from './queue.ts';
import type { WorkerSession } from './worker-session.ts';

/** A statement's part that writes one audit row. */
export const enqueued = (text: string) =>
  `steadytext_cancel_async(steadytext_embed_async('${text}', use_cache => false))`;

export class Sealing {
  alice!: Session;
  superuser!: Session;
  worker!: WorkerSession;

  async seal(limit = 50_000): Promise<number> {
    return (await this.worker.client.query('select steadytext_private.seal_audit($1) as n', [limit])).rows[0].n;
  }

  async verdict(of: Session = this.superuser): Promise<Row> {
    return (await of.rows('select * from steadytext_verify_audit()'))[0]!;
  }

  /** Transactions of other databases of the server hold it back too, for as long as they run. Gives the pages' sizes. */
  async all(limit?: number): Promise<number[]> {
    const pages: number[] = [];
    await waitFor(async () => {
      for (let n = await this.seal(limit); n > 0; n = await this.seal(limit)) pages.push(n);
      return Number((await this.verdict()).unsealed_rows) === 0;
    }, 'everything to be sealed');
    return pages;
  }

  /** So many audit rows, each in a transaction of its own, sealed; gives their ids. */
  async sealed(count: number): Promise<number[]> {
    for (let i = 0; i < count; i++) await this.alice.rows(`select ${enqueued(`text ${i}`)}`);
    await this.all();
    const rows = await this.superuser.rows('select id::int from steadytext_audit_log order by id desc limit $1', [
      count,
    ]);
    return rows.map(({ id }) => id as number).toReversed();
  }

  /** What is wrong, with the seal's number and the row's id. */
  async finding(): Promise<[string, number | null, number | null]> {
    const { problem, seal, row_id } = await this.verdict();
    return [problem, seal === null ? null : Number(seal), row_id === null ? null : Number(row_id)];
  }

  /** As somebody who has taken the triggers away. */
  async tamper(statement: string): Promise<void> {
    await this.superuser.client.query(
      `set session_replication_role = replica; ${statement}; reset session_replication_role`,
    );
  }
}

export function useSealing(queue: TestQueue): Sealing {
  const sealing = new Sealing();
  beforeEach(async () => {
    sealing.superuser = await queue.superuser();
    sealing.alice ??= await queue.session('alice');
    sealing.worker ??= await queue.worker();
  });
  return sealing;
}
