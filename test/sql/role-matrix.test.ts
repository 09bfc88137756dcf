// Who may do what: role-matrix.json against what logins of each role can really do, for every object of our schemas.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../workers/queue/migrate/roles.ts';
import { useQueue } from './support/queue.ts';
import { allowedCells, type CatalogObjects, type Cells, catalogObjects } from './support/role-cells.ts';

interface Matrix {
  /** Every function, table, view and sequence, so that a new one cannot be forgotten. */
  readonly objects: readonly string[];
  /** Role → object → what is allowed; what is not named is refused with 42501. `none` is a login without any role. */
  readonly allowed: Readonly<Record<string, Cells>>;
}

const matrix: Matrix = JSON.parse(readFileSync(new URL('./role-matrix.json', import.meta.url), 'utf8'));
const roles = ['none', ...ROLES.filter((role) => role !== 'steadytext_owner')];
const queue = useQueue();
let objects: CatalogObjects;

beforeAll(async () => {
  const superuser = await queue.superuser();
  objects = await catalogObjects(superuser);
});

test('the matrix names every object of our schemas, and every role', () => {
  expect(matrix.objects).toEqual([...objects.functions.keys(), ...objects.relations.keys()].sort());
  expect(Object.keys(matrix.allowed)).toEqual(roles);
});

test.each(roles)('%s', async (role) => {
  const superuser = await queue.superuser();
  const session = await queue.session(role, role === 'none' ? [] : [role]);
  const login = await session.value('select session_user::text');
  for (const name of [login, 'somebody else']) {
    await superuser.rows(
      `with u as (insert into steadytext_users (role_name, role_oid) values ($1, coalesce(to_regrole(quote_ident($1))::oid, 1)) on conflict on constraint users_role_unique do update set weight = 1
                  returning user_id),
            q as (insert into steadytext_queue (request_id, user_id, request_type, model, status, runnable, completed_at, error)
                  select gen_random_uuid(), user_id, 'embed', 'm', 'failed', false, now(), 'x' from u),
            l as (insert into steadytext_request_log (requested_at, user_id, request_id, request_type, model, outcome,
                    tokens_used, queue_wait_ms, retry_count)
                  select now(), user_id, gen_random_uuid(), 'embed', 'm', 'failed', 0, 0, 0 from u)
       insert into steadytext_audit_log (user_id, event_type, function_name, success, digest)
       select user_id, 'x', 'x', true, sha256('') from u`,
      [name],
    );
  }
  expect(await allowedCells(session, objects)).toEqual(matrix.allowed[role]);
});
