// Embeddings in pgvector's columns: its own casts take real[], indexes find what is near, and zeros at the end change no distance.
import { expect, test } from 'vitest';
import { useVector } from '../support/vector.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
useVector(queue.db);

/** The nth point of a hundred on a quarter of the unit circle. */
const point = (n: number) => [Math.cos((n * Math.PI) / 200), Math.sin((n * Math.PI) / 200)];

/** The ids of requests whose embeddings are these. */
async function embedded(session: Session, numbers: readonly (readonly number[])[]): Promise<string[]> {
  const worker = await queue.worker();
  const texts = numbers.map((_, n) => `text ${n}`);
  const ids = await session.value('select steadytext_embed_batch_async($1, use_cache => false)', [texts]);
  for (const request of await worker.claim({ embed: 1000 })) {
    const own = numbers[Number(request.prompt.slice(5))]!;
    await worker.settle([request], { embedding: `{${own.join()}}` });
  }
  return ids as string[];
}

const WAIT = 'steadytext_get_async_result_embedding($1)';

test('its columns take what our functions give, by assignment and by casts, in all of its types', async () => {
  const alice = await queue.session('alice');
  const [id] = await embedded(alice, [[0.6, 0.8]]);
  await alice.rows('create temporary table kept (a vector, b vector(2), c halfvec(2), d sparsevec(2), e real[])');
  await alice.rows(`insert into kept select v, v, v, v, v from ${WAIT} v`, [id]);
  await alice.rows(`update kept set a = ${WAIT}`, [id]);
  expect(await alice.rows('select * from kept')).toEqual([
    { a: '[0.6,0.8]', b: '[0.6,0.8]', c: '[0.60009766,0.7998047]', d: '{1:0.6,2:0.8}/2', e: [0.6, 0.8] },
  ]);
  const half = `select embedding::halfvec from steadytext_check_async($1)`;
  expect(await alice.value(half, [id])).toBe('[0.60009766,0.7998047]');
  expect(await alice.value(`select ${WAIT}::vector <=> '[0.6,0.8]'`, [id])).toBeCloseTo(0, 6);
});

test('a column of another width is refused by pgvector, and the setting makes it fit', async () => {
  const alice = await queue.session('alice');
  const [id] = await embedded(alice, [[0.6, 0.8]]);
  await alice.rows('create temporary table documents (embedding vector(1024))');
  const insert = `insert into documents select ${WAIT}`;
  expect(await refusal(alice, insert, [id])).toMatchObject({
    code: '22000',
    message: 'expected 1024 dimensions, not 2',
  });
  await alice.rows('set steadytext.embedding_dimensions = 1024');
  await alice.rows(insert, [id]);
  await alice.rows(`insert into documents select embedding from steadytext_check_async($1)`, [id]);
  const shape = 'select vector_dims(embedding) as n, vector_norm(embedding)::real as length from documents';
  expect(await alice.rows(shape)).toEqual(Array(2).fill({ n: 1024, length: 1 }));
  await alice.rows('set steadytext.embedding_dimensions = 1025');
  expect(await refusal(alice, insert, [id])).toMatchObject({ message: 'expected 1024 dimensions, not 1025' });
});

test('zeros at the end change neither cosine nor inner product nor distance', async () => {
  const alice = await queue.session('alice');
  const ids = await embedded(
    alice,
    Array.from({ length: 20 }, (_, n) => point(n * 5)),
  );
  const distances = `select a <=> b as cosine, a <#> b as product, a <-> b as distance, a <+> b as taxicab
    from (select embedding::vector as a, row_number() over () as n from unnest($1::uuid[]) i, steadytext_check_async(i)) x
    join (select embedding::vector as b, row_number() over () as m from unnest($1::uuid[]) i, steadytext_check_async(i)) y on m < n
    order by n, m`;
  const own = await alice.rows(distances, [ids]);
  await alice.rows('set steadytext.embedding_dimensions = 1536');
  const padded = await alice.rows(distances, [ids]);
  expect(own).toHaveLength(190);
  // Of more numbers the sum is made in another order.
  for (const [i, row] of padded.entries())
    for (const [name, value] of Object.entries(row)) expect(value).toBeCloseTo(own[i]![name], 6);
});

test.each([
  ['hnsw', 'vector_cosine_ops', '<=>', ''],
  ['hnsw', 'vector_ip_ops', '<#>', ''],
  ['ivfflat', 'vector_cosine_ops', '<=>', 'with (lists = 4)'],
  ['ivfflat', 'vector_l2_ops', '<->', 'with (lists = 4)'],
] as const)('an index of %s by %s finds what is nearest to an embedding', async (method, ops, operator, options) => {
  const [alice, superuser] = [await queue.session('alice'), await queue.superuser()];
  const ids = await embedded(
    alice,
    Array.from({ length: 100 }, (_, n) => point(n)),
  );
  await alice.rows(
    `set steadytext.embedding_dimensions = 8; create temporary table points (n int, embedding vector(8))`,
  );
  await alice.rows(
    `insert into points select n, steadytext_get_async_result_embedding(id)
     from unnest($1::uuid[]) with ordinality as t (id, n)`,
    [ids],
  );
  await alice.rows(`create index on points using ${method} (embedding ${ops}) ${options}`);
  await alice.rows('set enable_seqscan = off; set ivfflat.probes = 4');
  // In a function it is a parameter of the plan, as here; called inside of order by, it would be asked once a row.
  const nearest = `select n from points order by embedding ${operator} (select ${WAIT}::vector) limit 3`;
  const plan = (await alice.rows(`explain ${nearest.replace('$1', `'${ids[49]}'`)}`)).map((row) => row['QUERY PLAN']);
  expect(plan.join('\n')).toContain('Index Scan');
  const found = (await alice.rows(nearest, [ids[49]])).map(({ n }) => n);
  expect(found[0]).toBe(50);
  expect(found.toSorted()).toEqual([49, 50, 51]);
  expect(await superuser.value('select count(*)::int from steadytext_queue where cardinality(embedding) <> 2')).toBe(0);
});
