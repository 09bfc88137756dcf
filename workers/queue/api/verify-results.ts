// steadytext_verify: has completed requests run again, and reads what the second run says of the first.

import { sqlStateOf } from '../error-map.ts';
import type { ApiConnection } from './api-connection.ts';

export const VERDICTS = ['same', 'different', 'not comparable', 'altered', 'failed', 'pending'] as const;

/** As the SQL function gives it. */
export interface Verdict {
  readonly verdict: (typeof VERDICTS)[number];
  /** Id of the second run; null where there is none, since nothing promises that the result comes again. */
  readonly verification: string | null;
  /** Of one that is pending or failed: its status, and why it failed. */
  readonly status?: string;
  readonly error?: string;
  /** What is not equal: input or output. */
  readonly differs?: readonly string[];
  /** What made the two results, as far as that is not the same. */
  readonly was?: Readonly<Record<string, unknown>>;
  readonly is?: Readonly<Record<string, unknown>>;
}

/** Of a request that is no longer there or not this login's to verify, or that has not completed. */
export interface NoVerdict {
  readonly verdict: 'gone' | 'not completed';
}

/** Random requests that completed in the last days: those that the login sees, or an auditor's, which the audit log names. */
export async function sampleCompleted(
  { query, schema }: ApiConnection,
  count: number,
  days: number,
): Promise<string[]> {
  const [rights] = await query<{ reads: boolean }>(`select has_table_privilege($1, 'select') as reads`, [
    `${schema}.steadytext_requests`,
  ]);
  const rows = await query<{ request_id: string }>(
    rights!.reads
      ? `select q.request_id from ${schema}.steadytext_requests q
          where q.status = 'completed' and q.verifies is null and q.completed_at > now() - $2 * interval '1 day'
          order by random() limit $1`
      : `select l.request_id from ${schema}.steadytext_audit_log l
          where l.event_type = 'request_completed' and l.function_name <> 'steadytext_verify'
            and l."timestamp" > now() - $2 * interval '1 day'
          order by random() limit $1`,
    [count, days],
  );
  return rows.map((row) => row.request_id);
}

export async function verifyResult(
  { query, schema }: ApiConnection,
  requestId: string,
  again: boolean,
): Promise<Verdict | NoVerdict> {
  try {
    const rows = await query<{ verdict: Verdict }>(`select ${schema}.steadytext_verify($1, $2) as verdict`, [
      requestId,
      again,
    ]);
    return rows[0]!.verdict;
  } catch (error) {
    const word = WORDS[sqlStateOf(error)];
    if (word === undefined) throw error;
    return { verdict: word };
  }
}

/** By the codes of what steadytext_verify raises. */
const WORDS: Readonly<Record<string, NoVerdict['verdict']>> = { P0002: 'gone', ST011: 'not completed' };
