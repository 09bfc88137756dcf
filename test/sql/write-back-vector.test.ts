// Embeddings that are written into pgvector's columns: as wide as the setting says, and a column of another width names it.
import { expect, test } from 'vitest';
import { useVector } from '../support/vector.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
useVector(queue.db);

test('a column that is wider than the model is refused by the setting’s name, and filled with it', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  await superuser.rows(`create schema alices authorization ${await alice.value('select current_user')}`);
  await alice.rows('set search_path = alices, public, steadytext');
  await alice.rows('create table articles (id int primary key, title text, embedding vector(1024))');
  await alice.rows(`insert into articles values (1, 'cats')`);
  const worker = await queue.worker();
  const apply = async () => {
    await alice.rows(`select steadytext_embed_async('cats', into_table => 'alices.articles', into_column => 'embedding',
      into_key => '{"id": 1}', use_cache => false)`);
    await worker.settle(await worker.claim({ embed: 1 }));
    return await alice.rows('select applied, refused from steadytext_apply_results()');
  };
  expect(await apply()).toEqual([{ applied: '0', refused: '1' }]);
  const noted = await superuser.rows('select error from steadytext_private.write_backs where error is not null');
  expect(noted).toEqual([
    {
      error: '22000: expected 1024 dimensions, not 2; steadytext.embedding_dimensions says how many are written',
    },
  ]);
  await alice.rows('set steadytext.embedding_dimensions = 1024');
  expect(await apply()).toEqual([{ applied: '1', refused: '0' }]);
  expect(
    await alice.rows('select vector_dims(embedding) as n, (embedding::real[])[:2] as first from articles'),
  ).toEqual([{ n: 1024, first: [0.6, 0.8] }]);
  await alice.rows('set steadytext.embedding_dimensions = 1');
  expect(await apply()).toEqual([{ applied: '0', refused: '1' }]);
});
