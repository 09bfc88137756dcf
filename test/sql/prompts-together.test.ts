// Prompts that several sessions change at once.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

const create = (session: Session, slug: string, template = 'Hello {{ name }}!') =>
  session.value('select steadytext_prompt_create($1, $2)', [slug, template]);
const render = (session: Session, slug: string, variables: object = { name: 'Ada' }) =>
  session.value('select steadytext_prompt_render($1, $2)', [slug, JSON.stringify(variables)]);
const NUMBERS = 'select array_agg(version_num order by version_num) from steadytext_prompt_versions($1)';

test('updates at once get numbers one after another, and none is lost', async () => {
  const sessions = await Promise.all(Array.from({ length: 5 }, () => queue.session('alice')));
  await create(sessions[0]!, 'busy');
  await Promise.all(
    sessions.flatMap((session, s) =>
      [1, 2, 3].map((n) => session.rows('select steadytext_prompt_update($1, $2)', ['busy', `${s}-${n}`])),
    ),
  );
  expect(await sessions[0]!.value(NUMBERS, ['busy'])).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  const versions = await sessions[0]!.rows(`select * from steadytext_prompt_versions('busy')`);
  expect(new Set(versions.map(({ template }) => template)).size).toBe(16);
  expect(versions.filter(({ is_active }) => is_active).map(({ version_num }) => version_num)).toEqual([16]);
  await sessions[0]!.rows(`select steadytext_prompt_delete('busy')`);
});

test('of two that create one prompt the second waits, and is refused or gets it', async () => {
  const alice = await queue.session('alice');
  const bob = await queue.session('bob');
  for (const [ending, code] of [
    ['commit', '23505'],
    ['rollback', undefined],
  ] as const) {
    await alice.rows('begin');
    await create(alice, 'raced', 'of alice');
    const second = create(bob, 'raced', 'of bob').then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    await waiting(bob);
    await alice.rows(ending);
    expect(await second).toBe(code);
    expect(await render(alice, 'raced')).toBe(ending === 'commit' ? 'of alice' : 'of bob');
    const owner = ending === 'commit' ? alice : bob;
    await owner.rows(`select steadytext_prompt_delete('raced')`);
  }
});

test('a prompt that is deleted meanwhile is rendered or not found, and its update is told', async () => {
  const alice = await queue.session('alice');
  const other = await queue.session('alice');
  await create(alice, 'going');
  await alice.rows('begin');
  await alice.rows(`select steadytext_prompt_delete('going')`);
  expect(await render(other, 'going')).toBe('Hello Ada!');
  const update = refusal(other, `select steadytext_prompt_update('going', 'x')`);
  await waiting(other);
  await alice.rows('commit');
  expect(await update).toMatchObject({ code: 'P0002', message: 'Prompt with slug "going" not found' });
  expect(await refusal(other, `select steadytext_prompt_render('going', '{}')`)).toMatchObject({ code: 'P0002' });
});

async function waiting(session: Session): Promise<void> {
  const superuser = await queue.superuser();
  const pid = (session.client as unknown as { processID: number }).processID;
  const asks = `select wait_event_type = 'Lock' from pg_stat_activity where pid = $1`;
  await waitFor(async () => (await superuser.value(asks, [pid])) === true, 'the second session to wait for the first');
}
