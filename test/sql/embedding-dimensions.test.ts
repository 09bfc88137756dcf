// The width of embeddings as functions give them: zeros for what a model lacks, the model's own cut for what is too much, and the
// model's own numbers wherever something is stored.
import { expect, test } from 'vitest';
import { requests, useServedDigest } from './support/cached.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);
useServedDigest(queue);
const boss = () => queue.session('boss', ['steadytext_admin']);

const OWN = [0.6, 0.8];
const WIDE = [...OWN, ...Array(398).fill(0)];
const SET = 'set steadytext.embedding_dimensions =';

async function embedded(session: Session, options = ''): Promise<string> {
  const id = await session.value(`select steadytext_embed_async('a cat'${options})`);
  const worker = await queue.worker();
  await worker.settle(await worker.claim({ embed: 1 }));
  return id as string;
}

/** By each of the functions that give numbers. */
async function given(session: Session, id: string): Promise<unknown[]> {
  return [
    await session.value('select embedding from steadytext_check_async($1)', [id]),
    await session.value('select steadytext_get_async_result_embedding($1)', [id]),
    await session.value(`select steadytext_embed('a cat')`),
  ];
}

test('all functions agree on a session’s width, and what is stored stays the model’s own', async () => {
  const [alice, bob] = [await queue.session('alice'), await queue.session('bob')];
  const id = await embedded(alice);
  expect(await given(alice, id)).toEqual([OWN, OWN, OWN]);
  await alice.rows(`${SET} 400`);
  expect(await given(alice, id), 'from the cache').toEqual([WIDE, WIDE, WIDE]);
  {
    await using _ = await answering(queue);
    expect(await alice.value(`select steadytext_embed('another')`), 'through the side channel').toEqual(WIDE);
    expect(await bob.value(`select steadytext_embed('another')`)).toEqual(OWN);
  }
  for (const { embedding, params } of await requests(alice)) {
    expect(embedding).toEqual(OWN);
    expect(params).not.toHaveProperty('dimension');
  }
  expect(
    await alice.value('select count(*)::int from steadytext_requests where (receipt->>$1)::boolean', ['cached']),
  ).toBe(2);
  const generated = await alice.value(`select steadytext_generate_async('x')`);
  expect(await alice.rows('select status, embedding from steadytext_check_async($1)', [generated])).toEqual([
    { status: 'pending', embedding: null },
  ]);
});

test('an administrator’s width counts for all, a session’s own before it', async () => {
  const [alice, admin] = [await queue.session('alice'), await boss()];
  const id = await embedded(alice);
  await admin.rows(`select steadytext_config_set('steadytext.embedding_dimensions', '400')`);
  try {
    expect(await given(alice, id)).toEqual([WIDE, WIDE, WIDE]);
    await alice.rows(`${SET} 0`);
    expect(await given(alice, id)).toEqual([OWN, OWN, OWN]);
    await alice.rows(`begin; ${SET.replace('set', 'set local')} 3; select 1`);
    expect(await alice.value('select embedding from steadytext_check_async($1)', [id])).toEqual([...OWN, 0]);
    await alice.rows('rollback');
  } finally {
    await admin.rows(`select steadytext_config_reset('embedding_dimensions')`);
  }
});

test('fewer than the model has are asked of the model, which has another key for them; what is there already is not cut', async () => {
  const alice = await queue.session('alice');
  const id = await embedded(alice);
  await alice.rows(`${SET} 1`);
  const refused = {
    code: 'ST004',
    message: 'steadytext.embedding_dimensions should be 0, or at least the 2 numbers that this embedding has, but is 1',
    hint: expect.stringContaining('embed again'),
  };
  expect(await refusal(alice, 'select steadytext_get_async_result_embedding($1)', [id])).toEqual(refused);
  expect(await refusal(alice, 'select * from steadytext_check_async($1)', [id])).toEqual(refused);
  expect(await alice.value('select status from steadytext_check_async_batch(array[$1]::uuid[])', [id])).toBe(
    'completed',
  );

  await using _ = await answering(queue, () => ({ embedding: '{1}' }));
  expect(await alice.value(`select steadytext_embed('a cat')`), 'not what the cache has').toEqual([1]);
  await alice.rows(`insert into steadytext_queue (prompt, request_type) values ('a cat', 'embed')`);
  await alice.rows(`select steadytext_embed_async('a cat', dimension => 2)`);
  await alice.rows(`${SET} 384; select steadytext_embed_batch_async('{a cat}')`);
  const asked = (await requests(alice)).map(({ params }) => params.dimension);
  expect(asked.toSorted()).toEqual([1, 1, 2, undefined, undefined]);
});

test('a model that gives more all the same is an error of the call, or null', async () => {
  const [alice, superuser] = [await queue.session('alice'), await queue.superuser()];
  await alice.rows(`${SET} 1`);
  await using _ = await answering(queue);
  expect(await refusal(alice, `select steadytext_embed('a cat')`)).toMatchObject({ code: 'ST004' });
  expect(await alice.value(`select steadytext_embed('a cat', on_error => 'null')`)).toBe(null);
  expect(await superuser.value('select count(*)::int from steadytext_requests where embedding is null')).toBe(0);
});

test.each(['-1', '16001', 'x', '1.5'])(
  'a width of %s is refused where it is read, and generations do not ask for it',
  async (value) => {
    const alice = await queue.session('alice');
    const id = await embedded(alice);
    await alice.rows(`${SET} '${value}'`);
    const refused = {
      code: 'ST004',
      message: `steadytext.embedding_dimensions should be a whole number from 0 to 16000, but is "${value}"`,
      hint: expect.stringContaining('reset steadytext.embedding_dimensions'),
    };
    for (const call of [
      `steadytext_embed_async('x')`,
      `steadytext_embed('x')`,
      `steadytext_get_async_result_embedding('${id}')`,
    ])
      expect(await refusal(alice, `select ${call}`)).toEqual(refused);
    expect(await alice.value(`select steadytext_embed('x', on_error => 'null')`)).toBe(null);
    await alice.rows(`select steadytext_generate_async('x')`);
  },
);
