// docs/pgvector.md: its statements run as they stand, and what it says that pgvector says is what pgvector says.
import { expect, test } from 'vitest';
import { readText } from '../house/source-tree.ts';
import { useVector } from '../support/vector.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useVector(queue.db);
useSideChannel(queue);
const page = readText('docs/pgvector.md');

test('every statement goes through, as an ordinary login', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const name = await alice.value('select current_user');
  await superuser.rows(
    `create schema alices authorization ${name}; alter role ${name} set search_path = alices, public, steadytext`,
  );
  await alice.rows('set search_path = alices, public, steadytext');
  const unit = `{1${',0'.repeat(383)}}`;
  await using _ = await answering(queue, () => ({ embedding: unit }));
  const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const results = [];
  for (const block of blocks) {
    for (const statement of block.split(/(?<=;)\n/).filter((text) => /\w/.test(text)))
      results.push(await alice.rows(statement));
    // What it shows of the setting is for what follows it there.
    await alice.rows('reset steadytext.embedding_dimensions');
  }
  expect(results[2]).toEqual([{ content: 'A cat sleeps on the sofa.', similarity: 1 }]);
  expect(results.at(-1)).toEqual([{ content: 'A cat sleeps on the sofa.' }]);
  expect(await alice.value('select vector_dims(embedding) from articles')).toBe(1024);

  const said = [...page.matchAll(/^\| `([^|]+)` \(`(\w+)`\) \|/gm)].map(([, message, code]) => ({ message, code }));
  const wide = `(select array_fill(0, array[1024])::real[])`;
  const met = [];
  for (const statement of [
    `insert into articles values ('Cats', steadytext_embed('A cat sleeps on the sofa.'))`,
    `select '${unit.replace('{', '[').replace('}', ']')}'::vector <=> ${wide}::vector`,
    'create table wide (it vector(2001)); create index on wide using hnsw (it vector_l2_ops)',
    'set search_path = steadytext; select null::vector',
  ])
    met.push(await refusal(alice, statement));
  expect(met.map(({ message, code }) => ({ message, code }))).toEqual(said);
});
