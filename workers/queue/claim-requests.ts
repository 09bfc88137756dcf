// claim_requests: lease pending requests to this worker, sized by what its engines have room for.

import type { QueueDatabase } from './database.ts';
import type { ClaimDemand, ClaimedRequest } from './types.ts';

export interface ClaimArguments {
  readonly workerId: string;
  readonly demands: readonly ClaimDemand[];
  readonly leaseSeconds: number;
  /** Isolated requests at most, over all demands. */
  readonly isolatedLimit: number;
}

/** The rows come named and typed as ClaimedRequest has it, so that a thousand of them need not be copied. */
export async function claimRequests(db: QueueDatabase, claim: ClaimArguments): Promise<ClaimedRequest[]> {
  return await db.query<ClaimedRequest>(
    `select request_id as "requestId", lease_token as "leaseToken", request_type as "requestType", model, prompt,
            params, user_id as "userId", retry_count as "retryCount", isolated, input_tokens as "inputTokens", traceparent,
            cache_key as "cacheKey"
       from ${db.privateSchema}.claim_requests($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      claim.workerId,
      claim.demands.map((demand) => demand.requestType),
      claim.demands.map((demand) => demand.model),
      claim.demands.map((demand) => demand.limit),
      claim.leaseSeconds,
      claim.isolatedLimit,
      claim.demands.map((demand) => demand.largest),
      claim.demands.map((demand) => demand.largeLimit),
    ],
  );
}
