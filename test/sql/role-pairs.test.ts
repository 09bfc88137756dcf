// PostgreSQL adds rights up: rows from one role, columns from another. So every pair of roles is given to one login, which
// must still see nobody else's text, in no table and from no function.
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

/** Text of alice's wherever a request has any: waiting, done and failed. */
async function canariesOfAlice(): Promise<string[]> {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  await alice.rows(
    `select steadytext_rerank_batch_async(array['${CANARY} a', '${CANARY} b', '${CANARY} c'], array['${CANARY} document'])`,
  );
  const [done, failed] = await worker.claim({ rerank: 2 });
  await worker.settle([done!], { result: `["${CANARY}"]` });
  await worker.settle([failed!], { outcome: 'failed', error: 'no reason' });
  const rows = await alice.rows('select request_id from steadytext_queue');
  return rows.map(({ request_id }) => request_id);
}

/** The rows of a statement, or none where it is refused. */
async function seen(session: Session, statement: string): Promise<Row[]> {
  await session.rows('begin');
  try {
    return await session.rows(statement);
  } catch {
    return [];
  } finally {
    await session.rows('rollback');
  }
}

async function everythingSeen(session: Session, requestIds: readonly string[]): Promise<string> {
  const found: Row[] = [];
  for (const [name, { kind, columns }] of objects.relations) {
    if (kind === 'sequence') continue;
    for (const column of columns) found.push(...(await seen(session, `select "${column.name}"::text from ${name}`)));
    found.push(...(await seen(session, `select t::text from ${name} t`)));
  }
  for (const [name, call] of objects.functions) {
    if (call.endsWith('()')) found.push(...(await seen(session, call)));
    if (!/check_async$|get_async_result\w*$/.test(name)) continue;
    const noWait = name.endsWith('check_async') ? '' : ', 0';
    for (const id of requestIds)
      found.push(...(await seen(session, `select t::text from ${name}('${id}'${noWait}) t`)));
  }
  return JSON.stringify(found);
}

test.each(pairs)('%s with %s', async (...pair) => {
  const ids = await canariesOfAlice();
  const login = await queue.session(pair.join(' '), pair);
  expect(await everythingSeen(login, ids)).not.toContain(CANARY);
  // The search finds what there is to find.
  const alice = await queue.session('alice');
  expect(await everythingSeen(alice, ids)).toContain(CANARY);
});
