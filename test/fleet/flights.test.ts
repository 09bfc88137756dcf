import { describe, expect, test } from 'vitest';
import { Flights } from '../../workers/fleet/flights.ts';
import { type HeldRequest, HeldRequests } from '../../workers/fleet/held-requests.ts';
import type { ClaimedRequest } from '../../workers/queue/types.ts';
import { generation } from './support/parts.ts';

/** Flights before a dispatcher that runs what it is given when it is told to. */
function flying() {
  const held = new HeldRequests();
  const accepted: string[] = [];
  const stopped: string[] = [];
  const ended: [requestId: string, result: string | undefined, receipt: unknown][] = [];
  const flights: Flights = new Flights({
    held,
    comesAgain: (model) => model !== 'provider',
    dispatcher: () => ({
      accept(requests) {
        for (const request of requests) accepted.push(held.add(request).requestId);
      },
      lose(lost) {
        held.remove(lost);
        stopped.push(lost.requestId);
      },
    }),
    settle: ({ requestId }, { result, receipt }) => ended.push([requestId, result, receipt]),
  });
  const of = (request: ClaimedRequest) => held.get(request.requestId)!;
  const run = (request: ClaimedRequest): HeldRequest => {
    const one = of(request);
    one.state = 'running';
    return one;
  };
  /** As the dispatcher does. */
  const end = (one: HeldRequest) => {
    held.markSettling(one);
    flights.end(one, { outcome: 'completed', result: 'said', receipt: { engine: 'e' } });
  };
  return { held, flights, accepted, stopped, ended, of, run, end };
}

const same = (changes: Partial<ClaimedRequest> = {}) => generation('x', { cacheKey: 'k', ...changes });
const ids = (...requests: ClaimedRequest[]) => requests.map(({ requestId }) => requestId);

describe('requests that are the same', () => {
  test('are run once, and each ends with the result', () => {
    const { flights, accepted, ended, run, end, held } = flying();
    const [one, two, three, four] = [same(), same(), same(), same()];
    flights.accept([one, two]);
    const first = run(one);
    flights.accept([three]);
    expect(accepted).toEqual(ids(one));
    expect(held.size).toBe(3);
    end(first);
    const shared = { engine: 'e', shared: true };
    expect(ended).toEqual([
      [one.requestId, 'said', { engine: 'e' }],
      [two.requestId, 'said', shared],
      [three.requestId, 'said', shared],
    ]);
    expect(held.settling).toBe(3);
    flights.accept([four]);
    expect(accepted).toEqual(ids(one, four));
  });

  test('are none where a user, an option or a model differs, where they run alone, or are read while they are made', () => {
    const { flights, accepted } = flying();
    const requests = [
      ...[same(), same({ userId: 2 }), same({ cacheKey: 'other' }), same({ cacheKey: null }), same({ cacheKey: null })],
      ...[same({ model: 'provider' }), same({ model: 'provider' }), same({ isolated: true })],
      same({ params: { stream: true } }),
    ];
    flights.accept(requests);
    expect(accepted).toEqual(ids(...requests));
  });

  test('beyond a thousand are run like others', () => {
    const { flights, accepted, held } = flying();
    flights.accept(Array.from({ length: 1010 }, () => same()));
    expect([accepted.length, held.size]).toEqual([10, 1010]);
  });
});

describe('one that is lost', () => {
  test('leaves the others, and the work goes on for them', () => {
    const { flights, stopped, ended, run, end } = flying();
    const [one, two, three] = [same(), same(), same()];
    flights.accept([one, two, three]);
    const first = run(one);
    flights.lose(first);
    expect([stopped, flights.isWanted(first)]).toEqual([[], true]);
    end(first);
    expect(ended.map(([id]) => id)).toEqual(ids(two, three));
  });

  test('and the others after it: the work stops', () => {
    const { flights, stopped, run, of, ended } = flying();
    const [one, two] = [same(), same()];
    flights.accept([one, two]);
    const first = run(one);
    flights.lose(first);
    flights.lose(of(two));
    expect([stopped, flights.isWanted(first), ended]).toEqual([ids(one), false, []]);
  });

  test('and shared the run changes nothing else', () => {
    const { flights, stopped, run, of, end, ended } = flying();
    const [one, two] = [same(), same()];
    flights.accept([one, two]);
    const first = run(one);
    flights.lose(of(two));
    expect(stopped).toEqual([]);
    end(first);
    expect(ended.map(([id]) => id)).toEqual(ids(one));
  });

  test('before it was in an engine: the next one is run', () => {
    const { flights, accepted, of, run, end, ended } = flying();
    const [one, two, three] = [same(), same(), same()];
    flights.accept([one, two, three]);
    flights.lose(of(one));
    expect(accepted).toEqual(ids(one, two));
    end(run(two));
    expect(ended.map(([id]) => id)).toEqual(ids(two, three));
  });

  test('since it was claimed anew leaves the others too', () => {
    const { flights, run, end, ended, accepted } = flying();
    const [one, two] = [same(), same()];
    flights.accept([one, two]);
    const first = run(one);
    flights.accept([{ ...one, leaseToken: '2' }]);
    expect(accepted).toEqual(ids(one));
    end(first);
    expect(ended.map(([id]) => id)).toEqual(ids(two, one));
  });
});

describe('what is handed back', () => {
  test('goes with all that share it', async () => {
    const { flights, held, run } = flying();
    const [one, two] = [same(), same()];
    flights.accept([one, two]);
    const taken = await flights.together(async (some) => new Set(some.map(({ requestId }) => requestId)))([run(one)]);
    expect([...taken]).toEqual(ids(one, two));
    // The first is the dispatcher's to forget.
    expect(held.all().map(({ requestId }) => requestId)).toEqual(ids(one));
  });

  test('and is taken in part: what stays is run here, or ends as the first does', async () => {
    const { flights, accepted, run, end, ended } = flying();
    const [one, two, three] = [same(), same(), same()];
    flights.accept([one, two, three]);
    await flights.together(async () => new Set(ids(one, two)))([run(one)]);
    expect(accepted).toEqual(ids(one, three));
    const four = same();
    flights.accept([four]);
    const first = run(three);
    await flights.together(async () => new Set())([first]);
    end(first);
    expect(ended.map(([id]) => id)).toEqual(ids(three, four));
  });

  test('by a worker that leaves: nothing is begun for others', () => {
    const { flights, accepted, held } = flying();
    flights.accept([same(), same(), same()]);
    for (const one of held.all()) flights.lose(one, false);
    expect([accepted.length, held.size]).toEqual([1, 0]);
  });
});
