// Templates against what Jinja2 makes of them (prompts-cases.json, made once with Jinja2 3.1.6: every kind of tag by hand, and
// templates made at random), and what hostile ones come to.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { attempt, attempts } from './support/templates.ts';

interface Case {
  readonly template: string;
  /** JSON text, in which 1.0 is not 1; those of all cases if there are none. */
  readonly variables?: string;
  /** What jinja2.meta.find_undeclared_variables gives. */
  readonly names: readonly string[] | null;
  readonly text?: string;
  /** The class of Jinja2's exception. */
  readonly error?: string;
}

const cases = JSON.parse(readFileSync(new URL('./prompts-cases.json', import.meta.url), 'utf8')) as {
  readonly variables: string;
  readonly cases: readonly Case[];
};
const queue = useQueue();
test('every case gives the text and asks for the variables that Jinja2 says, or is refused where Jinja2 refuses', async () => {
  expect(cases.cases.length).toBeGreaterThan(500);
  const made = await attempts(
    queue,
    cases.cases.map((one) => ({ variables: cases.variables, ...one })),
  );
  const different = cases.cases.flatMap(({ template, names, text, error }, i) => {
    const wanted = error === undefined ? { names, text } : { error: error === 'syntax' ? '42601' : '22023' };
    const { message: _, ...got } = made[i]!;
    return JSON.stringify(sorted(got)) === JSON.stringify(sorted(wanted)) ? [] : [{ template, wanted, got: made[i] }];
  });
  expect(different).toEqual([]);
});

const sorted = (row: object) => Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1));

const rounds = (n: number) => Array.from({ length: n }, () => 0);
const nested = (n: number) => `${'{% for a in l %}'.repeat(n)}x${'{% endfor %}'.repeat(n)}`;

test.each([
  ['rounds', nested(4), { l: rounds(150) }, '20000 rounds of all loops together'],
  ['rounds of loops as deep as they may be', nested(32), { l: [1, 2] }, '20000 rounds of all loops together'],
  [
    'steps by the size of values',
    '{% for a in l %}{% if b == c %}{% endif %}{% endfor %}',
    { l: rounds(20), b: 'x'.repeat(300_000), c: 'x'.repeat(300_000) },
    '200000 steps',
  ],
  ['what is put out', '{{ a }}{{ a }}{{ a }}', { a: 'x'.repeat(400_000) }, '1000000 characters'],
  ['what replace makes', `{{ a${"|replace('x', 'xxxxxxxxxx')".repeat(20)} }}`, { a: 'x' }, '1000000 characters'],
  ['what replace makes between characters', "{{ a|replace('', a) }}", { a: 'x'.repeat(100_000) }, '1000000 characters'],
  ['what join makes', '{{ l|join(a) }}', { l: rounds(1000), a: 'x'.repeat(100_000) }, '1000000 characters'],
])('a rendering is ended by its %s', async (_, template, variables, most) => {
  const refused = { error: '54000', message: `Rendering should take at most ${most}, but takes more` };
  expect(await attempt(queue, template, variables)).toEqual(refused);
});

test('a program that somebody writes by hand, without a template, ends too', async () => {
  const reader = await queue.session('reader', ['steadytext_reader']);
  const call = `select steadytext_private.render_program('[["jump", null, null, 0]]', '{}')`;
  expect(await refusal(reader, call)).toMatchObject({
    code: '54000',
    message: 'Rendering should take at most 200000 steps, but takes more',
  });
});

test('what is just within the limits is rendered', async () => {
  expect(await attempt(queue, '{% for a in l %}{% endfor %}', { l: rounds(20_000) })).toMatchObject({ text: '' });
  expect(await attempt(queue, '{% for a in l %}{% endfor %}', { l: rounds(20_001) })).toMatchObject({ error: '54000' });
  expect(await attempt(queue, nested(32), { l: [1] })).toMatchObject({ text: 'x' });
  expect(await attempt(queue, `{{ ${'('.repeat(99)}a${')'.repeat(99)} }}`, { a: 1 })).toMatchObject({ text: '1' });
  expect(await attempt(queue, '{{ a }}'.repeat(1000), { a: 1 })).toMatchObject({ text: '1'.repeat(1000) });
  expect(await attempt(queue, 'x'.repeat(65_536))).toMatchObject({ text: 'x'.repeat(65_536) });
});

test('what looks like a way out of the variables leads nowhere', async () => {
  const variables = { a: { items: 'own', __class__: 'plain text' }, self: 1 };
  expect(await attempt(queue, `{{ a['__class__'] }}`, variables)).toMatchObject({ text: 'plain text' });
  expect(await attempt(queue, `{{ a['__init__'] }}|{{ a.items }}|{{ a.keys }}|{{ self }}`, variables)).toMatchObject({
    text: '|own||1',
  });
  expect(await attempt(queue, `{{ 'a'.upper }}{{ [].append }}{{ none.x }}{{ range }}`)).toMatchObject({ text: '' });
  // What variables hold is text, whatever it looks like.
  expect(await attempt(queue, '{{ a }}', { a: '{{ b }}{% if %}' })).toMatchObject({ text: '{{ b }}{% if %}' });
});

test('numbers and texts that a session reads in its own way come out the same', async () => {
  const superuser = await queue.superuser();
  await superuser.rows(
    'set extra_float_digits = -15; set standard_conforming_strings = off; set bytea_output = escape',
  );
  const { text } = await attempt(queue, `{{ 0.1 }} {{ a }} {{ '\\n' }} {{ [b] }}`, { a: 1.23456789012345, b: 'x\\y' });
  await superuser.rows('reset extra_float_digits; reset standard_conforming_strings; reset bytea_output');
  expect(text).toBe(`0.1 1.23456789012345 \n ['x\\\\y']`);
});

test('whatever is written, it is rendered or refused with a code of ours', async () => {
  const words = [
    ...[
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '#}',
      '-',
      '+',
      ' ',
      '\n',
      "'",
      '"',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '|',
      '.',
      ',',
    ],
    ...[
      'if',
      'elif',
      'else',
      'endif',
      'for',
      'endfor',
      'in',
      'not',
      'and',
      'or',
      'is',
      'defined',
      'loop',
      'index',
      'items',
    ],
    ...['a', 'b', '0', '1.5', '1e9', '==', '<', 'true', 'none', 'join', 'first', 'replace', 'default', 'é', '__x'],
    ...[
      '{{ a',
      '{{ b.c',
      "{{ 'x'",
      '{% if a %}',
      '{% for x in a %}',
      '{% for k, v in b.items() %}',
      '{% endif %}',
      '{% endfor %}',
    ],
  ];
  const template = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' '));
  const drawn = fc.sample(fc.tuple(template, fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 })), 400);
  const made = await attempts(
    queue,
    drawn.map(([text, a, b]) => ({ template: text, variables: JSON.stringify({ a, b }).replaceAll('\\u0000', '') })),
  );
  const others = made.flatMap((one, i) =>
    one.error === undefined || ['42601', '22023', '54000'].includes(one.error) ? [] : [{ drawn: drawn[i], one }],
  );
  expect(others).toEqual([]);
  expect(made.filter(({ error }) => error === undefined).length).toBeGreaterThan(20);
});
