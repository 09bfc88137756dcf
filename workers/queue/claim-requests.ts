// claim_requests: lease pending requests to this worker, sized by what its engines have room for.

import type { QueueDatabase } from './database.ts';
import type { ClaimDemand, ClaimedRequest } from './types.ts';

export interface ClaimArguments {
  readonly workerId: string;
  readonly demands: readonly ClaimDemand[];
  readonly leaseSeconds: number;
}

interface Row {
  id: string;
  request_id: string;
  lease_token: string;
  request_type: string;
  model: string;
  prompt: string | null;
  params: Record<string, unknown> | null;
  user_id: number;
  retry_count: number;
  isolated: boolean;
  traceparent: string | null;
}

export async function claimRequests(db: QueueDatabase, claim: ClaimArguments): Promise<ClaimedRequest[]> {
  const rows = await db.query<Row>(
    `select id, request_id, lease_token, request_type, model, prompt, params, user_id, retry_count, isolated, traceparent
       from ${db.privateSchema}.claim_requests($1, $2, $3, $4, $5)`,
    [
      claim.workerId,
      claim.demands.map((demand) => demand.requestType),
      claim.demands.map((demand) => demand.model),
      claim.demands.map((demand) => demand.limit),
      claim.leaseSeconds,
    ],
  );
  return rows.map((row) => ({
    id: row.id,
    requestId: row.request_id,
    leaseToken: row.lease_token,
    requestType: row.request_type,
    model: row.model,
    prompt: row.prompt,
    params: row.params ?? {},
    userId: row.user_id,
    retryCount: row.retry_count,
    isolated: row.isolated,
    traceparent: row.traceparent,
  }));
}
