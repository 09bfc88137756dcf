// docs/fleet.md: its statements run as they stand, each as who it is for, and its tables name what there is.
import { expect, test } from 'vitest';
import { readText } from '../house/source-tree.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const page = readText('docs/fleet.md');
const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block!);
const statements = (block: string) => block.split(/(?<=;)\n/).filter((text) => /^\s*select/m.test(text));

test('a reader sees the fleet, and an administrator has a hand on it', async () => {
  const reader = await queue.session('rita', ['steadytext_reader']);
  const admin = await queue.session('ann', ['steadytext_admin']);
  const worker = await queue.worker();
  await worker.beat(2048);
  const [looking, ...acting] = blocks;
  expect(statements(looking!)).toHaveLength(8);
  for (const statement of statements(looking!)) expect(await reader.rows(statement), statement).toBeInstanceOf(Array);
  const asked = acting.flatMap(statements);
  expect(asked).toHaveLength(9);
  for (const statement of asked) expect(await admin.rows(statement), statement).toHaveLength(1);
  for (const statement of asked)
    await expect(reader.rows(statement), statement).rejects.toMatchObject({ code: '42501' });
  for (const name of ['max_model_memory', 'model_memory_limit', 'max_memory_per_request'])
    await admin.rows('select steadytext_config_reset($1)', [name]);
});

test('every function and view of the fleet is on it', async () => {
  const superuser = await queue.superuser();
  const names = await superuser.rows(
    `select p.proname as name from pg_proc p where p.pronamespace = 'steadytext'::regnamespace
       and p.proname ~ '^steadytext_(daemon|model|memory|system|preload|unload)|^(check_daemon|manage_model)'
     union select 'daemon_pool_status'`,
  );
  expect(names.length).toBe(13);
  expect(names.filter(({ name }) => !page.includes(name))).toEqual([]);
});
