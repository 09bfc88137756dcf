import { expect, test } from 'vitest';
import { type HeldRequest, HeldRequests } from '../../workers/fleet/held-requests.ts';
import { LeaseKeeper } from '../../workers/fleet/lease-keeper.ts';
import { claimed, silent } from './support/parts.ts';

function keeper(stillOurs: (id: string) => boolean) {
  const held = new HeldRequests();
  const lost: HeldRequest[] = [];
  const calls: string[][] = [];
  const leases = new LeaseKeeper({
    held,
    log: silent,
    renew: async (some) => {
      calls.push(some.map(({ requestId }) => requestId));
      return new Set(some.map(({ requestId }) => requestId).filter(stillOurs));
    },
    onLost: (request) => {
      lost.push(request);
      held.remove(request);
    },
  });
  return { held, lost, calls, leases };
}

test('all leases are renewed in one call, and those that do not come back are lost', async () => {
  const { held, lost, calls, leases } = keeper((id) => id !== second.requestId);
  const first = held.add(claimed());
  const second = held.add(claimed());
  await leases.renewAll();
  expect(calls).toEqual([[first.requestId, second.requestId]]);
  expect(lost).toEqual([second]);
});

test('one that is being settled is not lost because it was settled', async () => {
  const { held, lost, leases } = keeper(() => false);
  held.markSettling(held.add(claimed()));
  await leases.renewAll();
  expect(lost).toEqual([]);
});

test('nothing held, nothing asked', async () => {
  const { calls, leases } = keeper(() => true);
  await leases.renewAll();
  expect(calls).toEqual([]);
});

test('a control notice asks the database about that request only, and a spoofed one does no harm', async () => {
  const { held, lost, calls, leases } = keeper(() => true);
  const request = held.add(claimed());
  held.add(claimed());
  await leases.onControl(`cancel:${request.request.requestId}`);
  await leases.onControl('cancel:00000000-0000-4000-8000-999999999999');
  await leases.onControl("'; drop table steadytext_queue");
  expect(calls).toEqual([[request.requestId]]);
  expect(lost).toEqual([]);
});
