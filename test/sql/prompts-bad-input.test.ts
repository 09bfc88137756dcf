// What every function of prompts refuses: a code, a text, and what to do.
import { expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
let alice: Session | undefined;
const LONG = `repeat('x', 1000001)`;

test.each([
  ...[
    `null`,
    `''`,
    `'ab'`,
    `'Abc'`,
    `'a_b'`,
    `'-ab'`,
    `'ab-'`,
    `'a--b'`,
    `'a b'`,
    `E'abc\\n'`,
    `repeat('a', 101)`,
    `'äbc'`,
  ].map(
    (slug) =>
      [
        `create(${slug}, 'x')`,
        '22P02',
        'Invalid slug format. Use lowercase letters, numbers, and hyphens only (3-100 chars)',
      ] as const,
  ),
  [`create('taken', 'x')`, '23505', 'Prompt with slug "taken" already exists'],
  [`create('new', null)`, '42601', 'Invalid template at its beginning: it is empty'],
  [`create('new', '')`, '42601', 'Invalid template at its beginning: it is empty'],
  [`create('new', ${LONG})`, '42601', /^Invalid template at its end: it should have at most 65536 characters/],
  [`create('new', '{{ a')`, '42601', 'Invalid template at line 1, column 1: the tag {{ is not closed'],
  [`create('new', 'x', repeat('d', 501))`, 'ST004', 'description should be at most 500 characters, but is 501'],
  [`create('new', 'x', null, '[]')`, 'ST004', 'metadata should be a JSON object, but is []'],
  [`create('new', 'x', metadata => 'null')`, 'ST004', 'metadata should be a JSON object, but is null'],
  [
    `create('new', 'x', null, jsonb_build_object('x', repeat('x', 65536)))`,
    'ST004',
    'metadata should be at most 65536 octets as text, but is 65545',
  ],
  [`update('taken', '{% if %}')`, '42601', /^Invalid template at line 1, column 3/],
  [`update('taken', 'x', '1')`, 'ST004', 'metadata should be a JSON object, but is 1'],
  [`update('nope', 'x')`, 'P0002', 'Prompt with slug "nope" not found'],
  [`update(null, 'x')`, 'P0002', 'Prompt with slug "<NULL>" not found'],
  [`get('nope')`, 'P0002', 'Prompt with slug "nope" not found'],
  [`get(null)`, 'P0002', 'Prompt with slug "<NULL>" not found'],
  [`get(${LONG})`, 'P0002', /^Prompt with slug "x{100}" not found$/],
  [`get('taken', 2)`, 'P0002', 'Version 2 not found for prompt "taken"'],
  [`get('taken', -1)`, 'P0002', 'Version -1 not found for prompt "taken"'],
  [`versions('nope')`, 'P0002', 'Prompt with slug "nope" not found'],
  [`render('nope', '{}')`, 'P0002', 'Prompt with slug "nope" not found'],
  [`render('taken', '{}', 7)`, 'P0002', 'Version 7 not found for prompt "taken"'],
  [`render('taken', '{}')`, '22023', 'Missing required variables: a, b'],
  [`render('taken', '{"b": 1}')`, '22023', 'Missing required variables: a'],
  [`render('taken', '{}', strict => false)`, '22023', /cannot be rendered, at line 1, column 12: b is undefined/],
  [`render('taken', null)`, 'ST004', 'variables should be a JSON object, but is null'],
  [`render('taken', '[]')`, 'ST004', 'variables should be a JSON object, but is []'],
  [`render('taken', '"a"')`, 'ST004', 'variables should be a JSON object, but is "a"'],
  [
    `render('taken', jsonb_build_object('a', ${LONG}))`,
    'ST004',
    'variables should be at most 1000000 octets as text, but is 1000010',
  ],
  [
    `render('taken', jsonb_build_object('a', (repeat('[', 70) || repeat(']', 70))::jsonb))`,
    'ST004',
    /^variables should be nested at most 64 deep, but is {"a": \[{50}/,
  ],
  [`render('taken', jsonb_build_object('a', repeat('x', 900000), 'b', '{}'::jsonb))`, '54000', /1000000 characters/],
] as const)('%s is refused with %s %s', async (call, code, message) => {
  alice ??= await queue.session('alice');
  await alice.rows('begin');
  await alice.rows(`select steadytext_prompt_create('taken', '{{ a }}{{ b.c }}{{ a }}')`);
  const refused = await refusal(alice, `select steadytext_prompt_${call}`);
  await alice.rows('rollback');
  expect(refused).toMatchObject({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    hint: expect.stringMatching(/\w.*\.$/s),
  });
});
