// The prompt registry as logins see it: versions, and who may do what.
import { expect, test } from 'vitest';
import { type Row, type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

const create = (session: Session, slug: string, template = 'Hello {{ name }}!') =>
  session.value('select steadytext_prompt_create($1, $2)', [slug, template]);
const render = (session: Session, slug: string, variables: object = { name: 'Ada' }) =>
  session.value('select steadytext_prompt_render($1, $2)', [slug, JSON.stringify(variables)]);
const NUMBERS = 'select array_agg(version_num order by version_num) from steadytext_prompt_versions($1)';

test('a prompt from its first version to its end', async () => {
  const alice = await queue.session('alice');
  const id = await alice.value(
    `select steadytext_prompt_create('welcome', 'Hello {{ name }}!', 'Greets.', '{"team": "mail"}')`,
  );
  expect(await render(alice, 'welcome')).toBe('Hello Ada!');
  const version = await alice.value(
    `select steadytext_prompt_update('welcome', 'Hi {{ name }} of {{ town }}', '{"x": 1}')`,
  );
  expect(version).toMatch(/^[0-9a-f-]{36}$/);
  expect(version).not.toBe(id);

  const login = await loginOf(alice);
  const get = (rest = '') => alice.rows(`select * from steadytext_prompt_get('welcome'${rest})`);
  const second = {
    prompt_id: id,
    version_num: 2,
    template: 'Hi {{ name }} of {{ town }}',
    required_variables: ['name', 'town'],
    metadata: { x: 1 },
    created_at: expect.any(Date),
    created_by: login,
  };
  const first = {
    ...second,
    version_num: 1,
    template: 'Hello {{ name }}!',
    required_variables: ['name'],
    metadata: { team: 'mail' },
  };
  expect(await get()).toEqual([second]);
  expect(await get(', 1')).toEqual([first]);
  expect(await get(', version => 2')).toEqual([second]);
  const without = ({ prompt_id: _, ...row }: Row, is_active: boolean) => ({ ...row, is_active });
  expect(await alice.rows(`select * from steadytext_prompt_versions('welcome')`)).toEqual([
    without(second, true),
    without(first, false),
  ]);
  await create(alice, 'another');
  const [other, welcome] = await alice.rows('select * from steadytext_prompt_list()');
  expect(other).toMatchObject({ slug: 'another', description: null, latest_version_num: 1, total_versions: 1 });
  expect(welcome).toEqual({
    prompt_id: id,
    slug: 'welcome',
    description: 'Greets.',
    latest_version_num: 2,
    total_versions: 2,
    created_at: expect.any(Date),
    updated_at: (await get())[0]!.created_at,
  });

  const rendered = (rest: string) => alice.value(`select steadytext_prompt_render('welcome', ${rest})`);
  expect(await rendered(`'{"name": "Ada"}', 1`)).toBe('Hello Ada!');
  expect(await rendered(`'{"name": "Ada", "town": "Rome", "more": 1}'`)).toBe('Hi Ada of Rome');
  expect(await rendered(`'{}', strict => false`)).toBe('Hi  of ');
  expect(await rendered(`'{"name": null, "town": null}', null, null`)).toBe('Hi None of None');

  expect(await alice.value(`select steadytext_prompt_delete('welcome')`)).toBe(true);
  expect(await alice.value(`select steadytext_prompt_delete('welcome')`)).toBe(false);
  expect(await alice.value(`select steadytext_prompt_delete('another')`)).toBe(true);
  const superuser = await queue.superuser();
  expect(await superuser.value('select count(*)::int from steadytext_prompt_versions')).toBe(0);
  expect(
    await superuser.rows(`select event_type, function_name, success, parameters - 'prompt_id' as parameters
      from steadytext_audit_log where parameters ->> 'slug' = 'welcome' order by id`),
  ).toEqual(
    [
      ['created', 'create', { template_length: 17 }],
      ['updated', 'update', { template_length: 27, version: 2 }],
      ['deleted', 'delete', { versions: 2 }],
    ].map(([event, name, more]) => ({
      event_type: `prompt_${event}`,
      function_name: `steadytext_prompt_${name}`,
      success: true,
      parameters: { slug: 'welcome', asked_by: login, ...(more as object) },
    })),
  );
});

test('all read and render, writers create, and who made a prompt changes it, or an administrator', async () => {
  const alice = await queue.session('alice');
  const bob = await queue.session('bob');
  const reader = await queue.session('reader', ['steadytext_reader']);
  const admin = await queue.session('admin', ['steadytext_admin']);
  const metrics = await queue.session('metrics', ['steadytext_metrics']);
  await create(alice, 'shared');
  for (const session of [bob, reader, admin]) {
    expect(await render(session, 'shared')).toBe('Hello Ada!');
    expect(await session.value('select slug from steadytext_prompt_list()')).toBe('shared');
    expect(
      await session.value(
        'select template from steadytext_prompts p join steadytext_prompt_versions v on v.prompt_id = p.id',
      ),
    ).toBe('Hello {{ name }}!');
  }
  const maker = await loginOf(alice);
  for (const call of [`update('shared', 'x')`, `delete('shared')`]) {
    expect(await refusal(bob, `select steadytext_prompt_${call}`)).toMatchObject({
      code: '42501',
      message: `The prompt "shared" should be yours to be changed, but was made by ${maker}`,
      hint: expect.stringMatching(/\.$/),
    });
    expect(await refusal(reader, `select steadytext_prompt_${call}`)).toMatchObject({ code: '42501' });
  }
  expect(await refusal(reader, `select steadytext_prompt_create('mine', 'x')`)).toMatchObject({ code: '42501' });
  expect(await refusal(metrics, 'select * from steadytext_prompt_list()')).toMatchObject({ code: '42501' });
  for (const table of ['steadytext_prompts', 'steadytext_prompt_versions'])
    for (const statement of [
      `delete from ${table}`,
      `update ${table} set created_by = 'x'`,
      `insert into ${table} default values`,
    ])
      expect(await refusal(admin, statement)).toMatchObject({ code: '42501' });

  await admin.rows(`select steadytext_prompt_update('shared', 'by the admin')`);
  expect(await render(alice, 'shared')).toBe('by the admin');
  await alice.rows(`select steadytext_prompt_update('shared', 'by alice')`);
  expect(await alice.value(NUMBERS, ['shared'])).toEqual([1, 2, 3]);
  expect(await admin.value(`select steadytext_prompt_delete('shared')`)).toBe(true);
});

test('a renamed role keeps its prompts, and a new role of its old name gets none', async () => {
  const superuser = await queue.superuser();
  const gus = await queue.session('gus');
  await create(gus, 'of-gus');
  const name = await loginOf(gus);
  await superuser.rows(`alter role ${name} rename to ${name}_now; create role ${name} in role steadytext_writer`);
  try {
    await superuser.rows(`set role ${name}`);
    expect(await refusal(superuser, `select steadytext_prompt_update('of-gus', 'x')`)).toMatchObject({ code: '42501' });
    await superuser.rows(`set role ${name}_now`);
    await superuser.rows(`select steadytext_prompt_update('of-gus', 'kept')`);
    expect(await superuser.value(`select steadytext_prompt_delete('of-gus')`)).toBe(true);
  } finally {
    await superuser.rows(`reset role; drop role ${name}; alter role ${name}_now rename to ${name}`);
  }
});

test('a prompt is made, changed and rendered in one transaction, and in one that only reads it is rendered', async () => {
  const alice = await queue.session('alice');
  await alice.rows('begin');
  await create(alice, 'inside', 'one');
  await alice.rows(`select steadytext_prompt_update('inside', 'two {{ n }}')`);
  expect(await render(alice, 'inside', { n: 1 })).toBe('two 1');
  await alice.rows('commit; begin transaction read only');
  expect(await render(alice, 'inside', { n: 1 })).toBe('two 1');
  await alice.rows('rollback');
  await alice.rows(`select steadytext_prompt_delete('inside')`);
});

const loginOf = (session: Session) => session.value('select session_user::text');
