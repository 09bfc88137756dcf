// PostgreSQL adds rights up: rows from one role, columns from another. So every pair of roles is given to one login, which
// must still see nobody else's text, in no table and from no function, and change nobody else's request.
import { beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../workers/queue/migrate/roles.ts';
import { type Row, type Session, useQueue } from './support/queue.ts';
import { type CatalogObjects, catalogObjects } from './support/role-cells.ts';

const queue = useQueue();
const CANARY = 'canary';

// Left out are the owner, and the two that are there to read what others wrote: an administrator all of it, a worker what
// it has claimed.
const roles = ROLES.filter((role) => !['steadytext_owner', 'steadytext_admin', 'steadytext_worker'].includes(role));
const pairs = roles.flatMap((one, index) => roles.slice(index + 1).map((other) => [one, other] as const));

let objects: CatalogObjects;

beforeAll(async () => {
  objects = await catalogObjects(await queue.superuser());
});

/** A request of alice's in every status, and text of hers wherever one has any. */
async function canariesOfAlice(): Promise<string[]> {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  await alice.rows(
    `select steadytext_rerank_batch_async(array(select '${CANARY} ' || n from generate_series(1, 5) n), array['${CANARY} document'])`,
  );
  const [done, failed] = await worker.claim({ rerank: 3 });
  await worker.settle([done!], { result: `["${CANARY}"]` });
  await worker.settle([failed!], { outcome: 'failed', error: 'no reason' });
  const rows = await alice.rows('select request_id from steadytext_queue order by id');
  await alice.rows('select steadytext_cancel_async($1)', [rows.at(-1)!.request_id]);
  return rows.map(({ request_id }) => request_id);
}

/** A call of each function that takes a request's id, or several, for this one; without waiting. */
function callsAbout(requestId: string): string[] {
  return [...objects.functions.values()]
    .filter((call) => /\(null::uuid(\[\])?[,)]/.test(call))
    .map((call) =>
      call
        .replace(/^select /, '')
        .replace('(null::uuid[]', `(array['${requestId}'::uuid]`)
        .replace('(null::uuid', `('${requestId}'::uuid`)
        .replaceAll(/null::integer(?!\[)/g, '0'),
    );
}

/** Refused is what the test is about; a statement that makes no sense would prove nothing. */
function assertRefusal(error: unknown): void {
  if ((error as { code?: string }).code?.startsWith('4260')) throw error;
}

/** The rows of a statement, or none where it is refused. */
async function seen(session: Session, statement: string): Promise<Row[]> {
  try {
    return await session.undone(statement);
  } catch (error) {
    assertRefusal(error);
    return [];
  }
}

/** Whatever shows something, and what shows much of it first: rows as a whole. */
function lookups(requestIds: readonly string[]): string[] {
  const relations = [...objects.relations].filter(([, { kind }]) => kind !== 'sequence');
  return [
    ...relations.map(([name]) => `select t::text from ${name} t`),
    ...relations.flatMap(([name, { columns }]) =>
      columns.map((column) => `select "${column.name}"::text from ${name}`),
    ),
    ...[...objects.functions.values()].filter((call) => call.endsWith('()')),
    ...requestIds.flatMap(callsAbout).map((call) => `select t::text from ${call} t`),
  ];
}

/** The first statement that shows text of hers. */
async function shownBy(session: Session, requestIds: readonly string[]): Promise<string | undefined> {
  for (const statement of lookups(requestIds))
    if (JSON.stringify(await seen(session, statement)).includes(CANARY)) return statement;
  return undefined;
}

test.each(pairs)('%s with %s see nothing of hers', async (...pair) => {
  const ids = await canariesOfAlice();
  const login = await queue.session(pair.join(' '), pair);
  expect(await shownBy(login, ids)).toBeUndefined();
  // The search finds what there is to find.
  expect(await shownBy(await queue.session('alice'), ids)).toBeDefined();
});

test.each(pairs)('%s with %s change no request of hers', async (...pair) => {
  const ids = await canariesOfAlice();
  const superuser = await queue.superuser();
  const login = await queue.session(pair.join(' '), pair);
  // An auditor may have them run again, which adds rows and changes none.
  const hers = () => superuser.rows('select * from steadytext_queue where verifies is null order by id');
  const before = await hers();
  expect(new Set(before.map(({ status }) => status)).size).toBe(5);
  for (const call of ids.flatMap(callsAbout)) {
    await login.rows(`select ${call}`).catch(assertRefusal);
    expect(await hers(), call).toEqual(before);
  }
  // Asked by herself, the same calls cancel what runs or waits, and enqueue all again that is not completed.
  const alice = await queue.session('alice');
  for (const call of ids.flatMap(callsAbout)) await alice.rows(`select ${call}`).catch(assertRefusal);
  const states = (await hers()).map(({ status }) => status);
  expect(states.sort()).toEqual(['completed', ...Array(4).fill('pending')]);
});
