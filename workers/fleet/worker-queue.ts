// The worker API of the queue, bound to one worker and to the connection that each call belongs on.

import type { Config } from '../config.ts';
import { answerOrder, type OrderAnswer } from '../queue/answer-order.ts';
import { claimRequests } from '../queue/claim-requests.ts';
import { openConnections } from '../queue/connections.ts';
import { handOverRequests } from '../queue/hand-over-requests.ts';
import { type Heartbeat, heartbeatWorker } from '../queue/heartbeat-worker.ts';
import type { Lease } from '../queue/lease.ts';
import { logSettings } from '../queue/log-settings.ts';
import { promoteRequests } from '../queue/promote-requests.ts';
import { readOrders } from '../queue/read-orders.ts';
import { releaseRequests } from '../queue/release-requests.ts';
import { renewLeases } from '../queue/renew-leases.ts';
import { rescueRequests } from '../queue/rescue-requests.ts';
import { retireWorker } from '../queue/retire-worker.ts';
import { settleRequests } from '../queue/settle-requests.ts';
import type { ClaimDemand, Settlement } from '../queue/types.ts';
import { type Piece, writePieces } from '../queue/write-pieces.ts';

export type WorkerQueue = ReturnType<typeof openWorkerQueue>;

export function openWorkerQueue(
  workerId: string,
  config: Pick<Config, 'schema' | 'workerName' | 'leaseSeconds'> & { readonly databaseUrl: string },
  timeoutMs: number,
) {
  const { schema, workerName, leaseSeconds, databaseUrl: url } = config;
  const { claim, settle, lease, close } = openConnections({ url, schema, workerName, timeoutMs });
  return {
    claim: (demands: readonly ClaimDemand[], isolatedLimit: number) =>
      claimRequests(claim, { workerId, demands, leaseSeconds, isolatedLimit }),
    /** How many settles may be on their way together, and one of them. */
    settleLanes: settle.length,
    settle: (settlements: readonly Settlement[], lane: number) => settleRequests(settle[lane]!, workerId, settlements),
    /** On the lane that has less to do. */
    writePieces: (pieces: readonly Piece[]) => writePieces(settle[1], workerId, pieces),
    renew: (leases: readonly Lease[]) => renewLeases(lease, workerId, leases, leaseSeconds),
    release: (leases: readonly Lease[]) => releaseRequests(lease, workerId, leases),
    isolate: (leases: readonly Lease[]) => releaseRequests(lease, workerId, leases, true),
    handOver: (leases: readonly Lease[]) => handOverRequests(lease, workerId, leases),
    promote: () => promoteRequests(lease),
    rescue: () => rescueRequests(lease),
    heartbeat: (report: Omit<Heartbeat, 'workerId'>) => heartbeatWorker(lease, { workerId, ...report }),
    logSettings: () => logSettings(lease),
    readOrders: () => readOrders(lease, workerId),
    answerOrder: (orderId: string, answer: OrderAnswer) => answerOrder(lease, workerId, orderId, answer),
    retire: () => retireWorker(lease, workerId),
    close,
  };
}
