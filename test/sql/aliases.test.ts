// Every alias beside its original, as the server has them: what they take, what they promise, who may call them, and what they answer.
import { beforeAll, expect, test } from 'vitest';
import { WITHOUT_ALIAS } from '../house/alias-file.ts';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
let superuser: Session;
beforeAll(async () => {
  superuser = await queue.superuser();
});

/** Each traits as text; `name` without its prefix. */
const TRAITS = `select regexp_replace(p.proname, '^(steadytext|st)_', '') as name, jsonb_build_object(
    'kind', p.prokind, 'takes', p.proargtypes::regtype[]::text, 'all', p.proallargtypes::regtype[]::text, 'modes', p.proargmodes::text,
    'names', p.proargnames, 'defaults', pg_get_expr(p.proargdefaults, 0), 'result', pg_get_function_result(p.oid),
    'volatility', p.provolatile, 'parallel', p.proparallel, 'strict', p.proisstrict, 'cost', p.procost, 'rows', p.prorows,
    'granted', (select string_agg(distinct a.grantee::regrole::text, ', ' order by a.grantee::regrole::text)
                from aclexplode(p.proacl) a where a.grantee <> p.proowner)) as traits
  from pg_proc p where p.pronamespace = 'steadytext'::regnamespace and p.proname like $1 order by 1, p.oid::regprocedure::text`;

test('an alias takes, promises and is granted what its original is', async () => {
  const originals = await superuser.rows(TRAITS, ['steadytext\\_%']);
  const aliases = await superuser.rows(TRAITS, ['st\\_%']);
  expect(originals.length).toBeGreaterThan(50);
  expect(aliases).toEqual(originals.filter(({ name }) => !(`steadytext_${name}` in WITHOUT_ALIAS)));
  expect(
    await superuser.rows(
      `select proname from pg_proc where pronamespace = 'steadytext'::regnamespace and proname like 'st\\_%' and prosecdef`,
    ),
  ).toEqual([]);
});

async function answerOf(session: Session, statement: string): Promise<unknown> {
  try {
    return { rows: await session.undone(statement) };
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string };
    return { code, message, hint };
  }
}

test('it answers nothing at all, and nonsense, with the same rows or the same error', async () => {
  const alice = await queue.session('alice', ['steadytext_admin']);
  const calls = await superuser.rows(
    `select substr(p.proname, 4) as name, (select string_agg('null::' || format_type(t.type, null), ', ' order by t.position)
       from unnest(p.proargtypes::oid[]) with ordinality as t (type, position)) as nulls
     from pg_proc p where p.pronamespace = 'steadytext'::regnamespace and p.proname like 'st\\_%' and p.prokind = 'f' order by 1`,
  );
  const differing: unknown[] = [];
  for (const { name, nulls } of calls) {
    const [short, long] = [
      await answerOf(alice, `select * from st_${name}(${nulls ?? ''})`),
      await answerOf(alice, `select * from steadytext_${name}(${nulls ?? ''})`),
    ];
    const told = JSON.stringify(short).replaceAll(`st_${name}`, `steadytext_${name}`);
    if (told !== JSON.stringify(long)) differing.push({ name, short, long });
  }
  expect(differing).toEqual([]);
});

test('what is enqueued, waited for, ranked and told by it is what the original gives', async () => {
  const alice = await queue.session('alice', ['steadytext_admin']);
  const worker = await queue.worker();
  const id = await alice.value(`select st_generate_async('hello', 9, priority => 7, use_cache => false)`);
  await alice.rows(`select * from st_embed_batch_rows_async('{a,b}', use_cache => false)`);
  await worker.settle(await worker.claim({ generate: 9, embed: 9 }));
  expect(await alice.value('select st_get_async_result($1)', [id])).toBe('HELLO');
  expect(await alice.rows('select * from st_check_async($1)', [id])).toEqual(
    await alice.rows('select * from steadytext_check_async($1)', [id]),
  );
  expect(await alice.value('select count(*)::int from steadytext_requests where priority = 7')).toBe(1);
  expect(await alice.rows('select * from st_estimate($$hello$$, max_tokens => 9)')).toEqual(
    await alice.rows('select * from steadytext_estimate($$hello$$, max_tokens => 9)'),
  );
  await expect(alice.rows(`call st_generate_and_wait(' ')`)).rejects.toMatchObject({
    code: 'P0001',
    message: 'Prompt cannot be empty',
  });
});
