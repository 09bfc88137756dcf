// Structured output's ways in: what is stored of a call, what is refused at once, and what of a schema is kept as it came.
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../workers/inference/constrained/limits.ts';
import { FORMATS } from '../../workers/inference/constrained/schema/formats.ts';
import { KEYWORDS, NOT_SUPPORTED } from '../../workers/inference/constrained/schema/keywords.ts';
import { randomSchema } from '../inference/constrained/random-schemas.ts';
import { seeded } from '../inference/constrained/support.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const DEFAULTS = { max_tokens: 512, seed: 42, use_cache: true, eos_string: '[EOS]', temperature: 0 };
const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name'],
};

function nestedArray(depth: number): unknown {
  return depth === 0 ? 1 : [nestedArray(depth - 1)];
}

test('each form is a request of type generate, with its form among the options', async () => {
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_generate_json_async('a', $1, 100, seed => 7)`, [PERSON]);
  await alice.rows(`select steadytext_generate_json_async('b', '"integer"')`);
  await alice.rows(`select steadytext_generate_regex_async('c', '\\d{3}', 20, temperature => 0.7)`);
  await alice.rows(`select steadytext_generate_choice_async('d', array['yes', 'no'], priority => 9)`);
  await alice.rows(`select steadytext_generate_choice_async('e', array['yes', 'no'], max_tokens => 4)`);
  expect(
    await alice.rows('select request_type, prompt, params, priority from steadytext_requests order by id'),
  ).toEqual([
    {
      request_type: 'generate',
      prompt: 'a',
      priority: 5,
      params: { ...DEFAULTS, max_tokens: 100, seed: 7, schema: PERSON },
    },
    { request_type: 'generate', prompt: 'b', priority: 5, params: { ...DEFAULTS, schema: 'integer' } },
    {
      ...{ request_type: 'generate', prompt: 'c', priority: 5 },
      params: { ...DEFAULTS, max_tokens: 20, temperature: 0.7, pattern: '\\d{3}' },
    },
    {
      request_type: 'generate',
      prompt: 'd',
      priority: 9,
      params: { ...DEFAULTS, max_tokens: 3, choices: ['yes', 'no'] },
    },
    {
      request_type: 'generate',
      prompt: 'e',
      priority: 5,
      params: { ...DEFAULTS, max_tokens: 4, choices: ['yes', 'no'] },
    },
  ]);
});

test('a choice may take, and is charged with, what its longest text could need', async () => {
  const [alice, superuser] = [await queue.session('alice'), await queue.superuser()];
  const choice = `select steadytext_generate_choice_async('x', array['é', repeat('y', 5000)])`;
  await alice.rows(`select steadytext_generate_choice_async('x', array['no', 'négatif'])`);
  await alice.rows(choice);
  expect(
    await superuser.rows(`select params -> 'max_tokens' as most, cost_estimate from steadytext_queue order by id`),
  ).toEqual([
    { most: 8, cost_estimate: 9 },
    { most: 4096, cost_estimate: 4097 },
  ]);
});

test('a direct insert carries them in its params, with the options that no function has', async () => {
  const alice = await queue.session('alice');
  const params = { schema: PERSON, top_k: 5 };
  await alice.rows(`insert into steadytext_queue (prompt, request_type, params) values ('x', 'generate', $1)`, [
    params,
  ]);
  expect(await alice.value('select params from steadytext_requests')).toEqual({ ...DEFAULTS, ...params });
});

test('nulls in a schema are kept, and tell calls of one key apart', async () => {
  const alice = await queue.session('alice');
  const schema = { properties: { a: { const: null }, b: { enum: [null, 1], default: null } } };
  const call = `select steadytext_generate_json_async('x', $1, idempotency_key => 'k')`;
  const id = await alice.value(call, [schema]);
  expect(await alice.value(`select params -> 'schema' from steadytext_requests`)).toEqual(schema);
  expect(await alice.value(call, [schema])).toBe(id);
  const other = { properties: { a: {}, b: { enum: [null, 1] } } };
  expect((await refusal(alice, call, [other])).code).toBe('ST005');
});

describe('the walk over a schema', () => {
  test('knows the keywords, shapes and formats of the compiler', async () => {
    const superuser = await queue.superuser();
    expect(await superuser.value('select steadytext_private.schema_keywords()')).toEqual(KEYWORDS);
    for (const format of Object.keys(FORMATS))
      await superuser.rows('select steadytext_private.check_schema($1)', [{ format }]);
  });

  test('lets through whatever the compiler takes', async () => {
    const superuser = await queue.superuser();
    for (let seed = 0; seed < 150; seed++) {
      const schema = JSON.stringify(randomSchema(seeded(seed)));
      await superuser.rows('select steadytext_private.check_schema($1)', [schema]);
    }
  });

  test.each<readonly [unknown, string | RegExp]>([
    ...[...NOT_SUPPORTED].map((keyword): [unknown, string] => [
      { items: { [keyword]: 1 } },
      `keyword in schema at /items should be a supported one, but is "${keyword}"`,
    ]),
    [{ propertes: {} }, 'keyword in schema should be a supported one, but is "propertes"'],
    [
      { properties: { 'a/b~': { nut: 1 } } },
      'keyword in schema at /properties/a~1b~0 should be a supported one, but is "nut"',
    ],
    [
      { anyOf: [true, { $defs: { x: { if: {} } } }] },
      'keyword in schema at /anyOf/1/$defs/x should be a supported one, but is "if"',
    ],
    [
      { additionalProperties: 7 },
      'schema at /additionalProperties should be a schema (an object, true or false), but is 7',
    ],
    [{ prefixItems: [] }, 'schema at /prefixItems should be an array of schemas, but is []'],
    [{ oneOf: {} }, 'schema at /oneOf should be an array of schemas, but is {}'],
    [{ properties: [] }, 'schema at /properties should be an object of schemas, but is []'],
    [{ items: { $id: 'x' } }, 'schema at /items/$id should be at the root of the schema only, but is "x"'],
    [{ $ref: 1 }, 'schema at /$ref should be a text, but is 1'],
    [{ required: ['a', 1] }, 'schema at /required should be an array of texts, but is ["a", 1]'],
    [{ readOnly: 'no' }, 'schema at /readOnly should be true or false, but is "no"'],
    [{ minimum: '1' }, 'schema at /minimum should be a number, but is "1"'],
    [{ minLength: -1 }, 'schema at /minLength should be a whole number from 0 to 9007199254740991, but is -1'],
    [{ maxItems: 1.5 }, 'schema at /maxItems should be a whole number from 0 to 9007199254740991, but is 1.5'],
    [{ maxItems: 2 ** 53 }, /^schema at \/maxItems should be a whole number from 0 to 9007199254740991, but is 9007/],
    [
      { multipleOf: 0.5 },
      'schema at /multipleOf should be a whole number from 1 to 9007199254740991 (others are not exact), but is 0.5',
    ],
    [{ enum: [] }, 'schema at /enum should be an array of values, but is []'],
    [{ type: 'text' }, /^schema at \/type should be a type or an array of types out of null, .*, but is "text"$/],
    [{ type: ['string', 1] }, /^schema at \/type should be a type or an array of types/],
    [{ format: 'regex' }, /^schema at \/format should be a format out of date, .*, but is "regex"$/],
    [{ $schema: 'http://json-schema.org/draft-04/schema#' }, /^schema at \/\$schema should be draft 2020-12/],
    ['text', /^schema should be a JSON Schema or the name of a type \(null, .*\), but is "text"$/],
    [7, 'schema should be a schema (an object, true or false), but is 7'],
    [[], 'schema should be a schema (an object, true or false), but is []'],
  ])('refuses %j', async (schema, message) => {
    const alice = await queue.session('alice');
    const text = `select steadytext_generate_json_async('x', $1)`;
    const refused = await refusal(alice, text, [JSON.stringify(schema)]);
    expect(refused).toMatchObject({ code: 'ST004', hint: expect.stringMatching(/\.$/) });
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  test.each<readonly [string, unknown, string]>([
    ['schemas', { prefixItems: Array(1_001).fill({}) }, '/prefixItems should be an array of at most 1000 schemas'],
    ['a value', { const: nestedArray(65) }, '/const should be nested at most 64 deep'],
    ['a value without effect', { default: [nestedArray(64)] }, '/default should be nested at most 64 deep'],
    ['bytes', { title: 'x'.repeat(LIMITS.schemaBytes) }, 'should be at most 262144 bytes, but is one of 262157'],
  ])('refuses too much of %s', async (_, schema, message) => {
    const alice = await queue.session('alice');
    const refused = await refusal(alice, `select steadytext_generate_json_async('x', $1)`, [JSON.stringify(schema)]);
    expect(refused).toMatchObject({ code: 'ST004', message: expect.stringContaining(message) });
  });

  test.each([
    ['const', '12345678901234567890'],
    ['const', '{"id": [9223372036854775807]}'],
    ['enum', '[1, 9223372036854775806]'],
    ['const', '0.123456789012345678901234567890'],
    ['enum', '[{"a": 1e400}]'],
    ['const', '1e-400'],
    ['minimum', '9223372036854775807'],
    ['exclusiveMaximum', '-1e400'],
  ])('refuses numbers that a worker would take for others: %s %s', async (keyword, value) => {
    const alice = await queue.session('alice');
    const schema = `{"items": {"${keyword}": ${value}}}`;
    expect(await refusal(alice, `select steadytext_generate_json_async('x', $1)`, [schema])).toMatchObject({
      code: 'ST004',
      message: expect.stringMatching(`^schema at /items/${keyword} should be of numbers that a double holds exactly`),
    });
  });

  test('takes numbers that come back as they stand, whatever digits of a double the session shows', async () => {
    const alice = await queue.session('alice');
    await alice.rows('set extra_float_digits = 0');
    const values = '[9007199254740991, 1e20, 0.1, 0.30000000000000004, 5e-300, 1.50, 1e308, -0]';
    await alice.rows(`select steadytext_generate_json_async('x', jsonb_build_object('enum', $1::jsonb))`, [values]);
    // What a worker reads, and writes again, is the value that was asked for.
    const written = JSON.stringify(JSON.parse(values));
    expect(await alice.value('select $1::jsonb = $2::jsonb', [written, values])).toBe(true);
    await alice.rows(`select steadytext_generate_json_async('x', jsonb_build_object('const', $1::jsonb))`, [
      JSON.stringify(nestedArray(64)),
    ]);
  });

  test('shows of a long place its beginning and its end', async () => {
    const alice = await queue.session('alice');
    const schema = { properties: { ['k'.repeat(200_000)]: { nope: 1 } } };
    const { message } = await refusal(alice, `select steadytext_generate_json_async('x', $1)`, [schema]);
    expect(message).toMatch(/^keyword in schema at \/properties\/kkk.*…k+ should be a supported one, but is "nope"$/);
    expect(message.length).toBeLessThan(300);
  });

  test('begins with the size: what is far too large costs nothing', async () => {
    const alice = await queue.session('alice');
    const properties = `jsonb_object_agg('p' || i, '{"type":"integer","description":"some words"}'::jsonb)`;
    const text = `select steadytext_generate_json_async('x', jsonb_build_object('properties', p))
      from (select ${properties} as p from generate_series(1, 60000) i) s`;
    const begun = performance.now();
    expect((await refusal(alice, text)).message).toMatch(/^schema should be at most 262144 bytes/);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test('is as deep as the compiler goes, and no deeper', { timeout: 20_000 }, async () => {
    const alice = await queue.session('alice');
    const nested = (depth: number) => `${'{"items":'.repeat(depth)}{"not":1}${'}'.repeat(depth)}`;
    const text = `select steadytext_generate_json_async('x', $1)`;
    expect((await refusal(alice, text, [nested(LIMITS.schemaDepth)])).message).toMatch(/"not"$/);
    const begun = performance.now();
    await alice.rows(text, [nested(3000)]);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

describe("refused by the reference's words:", () => {
  test.each<readonly [string, string, string | RegExp]>([
    [`generate_json_async(null, '{}')`, 'P0001', 'Prompt cannot be empty'],
    [`generate_json_async(' ', '{}')`, 'P0001', 'Prompt cannot be empty'],
    [`generate_json_async('x', null)`, 'P0001', 'Schema cannot be null'],
    [`generate_json_async('x', 'null')`, 'P0001', 'Schema cannot be null'],
    [`generate_json_async('x', '{}', 0)`, 'P0001', 'max_tokens must be between 1 and 4096'],
    [`generate_json_async('x', '{}', seed => -1)`, 'P0001', 'seed must be non-negative'],
    [`generate_regex_async('x', null)`, 'P0001', 'Pattern cannot be empty'],
    [`generate_regex_async('x', '  ')`, 'P0001', 'Pattern cannot be empty'],
    [
      `generate_regex_async('x', repeat('a', 4097))`,
      'ST004',
      'pattern should be at most 4096 characters, but is one of 4097',
    ],
    [`generate_choice_async('x', null)`, 'P0001', 'Must provide at least 2 choices'],
    [`generate_choice_async('x', '{}')`, 'P0001', 'Must provide at least 2 choices'],
    [`generate_choice_async('x', array['a'])`, 'P0001', 'Must provide at least 2 choices'],
    [`generate_choice_async('x', array['a', 'b', 'a'])`, 'P0001', 'Choices array cannot contain duplicates'],
    [`generate_choice_async('x', array['a', ' '])`, 'P0001', 'Choices cannot contain empty elements'],
    [
      `generate_choice_async('x', array['a', null])`,
      'ST004',
      /^choices should be an array of one dimension, of texts only/,
    ],
    [
      `generate_choice_async('x', array[['a', 'b'], ['c', 'd']])`,
      'ST004',
      /^choices should be an array of one dimension/,
    ],
    [
      `generate_choice_async('x', array(select i::text from generate_series(1, 10001) i))`,
      'ST004',
      'choices should be at most 10000 texts, but is 10001',
    ],
    [`generate_choice_async('x', array['a', 'b'], model => 'all-minilm-l6-v2')`, 'ST003', /kind text/],
    [
      `generate_choice_async('x', array['a', 'b'], unsafe_mode => true)`,
      'P0001',
      'unsafe_mode=TRUE requires a model parameter',
    ],
  ])('%s', async (call, code, message) => {
    const alice = await queue.session('alice');
    const refused = await refusal(alice, `select steadytext_${call}`);
    expect(refused).toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  test.each([
    [{ schema: {}, pattern: 'a' }, 'params should be with one of schema, pattern and choices, but is schema, pattern'],
    [{ schema: {}, stop: ['x'] }, 'stop should be left out beside schema, but is ["x"]'],
    [{ pattern: 'a', min_tokens: 2 }, 'min_tokens should be left out beside pattern, but is 2'],
    [{ choices: ['a', 'b'], eos_string: 'END' }, 'eos_string should be left out beside choices, but is "END"'],
    [{ choices: 'a' }, 'choices should be an array of texts, but is "a"'],
    [{ pattern: 1 }, 'pattern should be of type string, but is 1'],
    [{ schema: { not: 1 } }, 'keyword in schema should be a supported one, but is "not"'],
  ])('a direct insert with %j', async (params, message) => {
    const alice = await queue.session('alice');
    const text = `insert into steadytext_queue (prompt, request_type, params) values ('x', 'generate', $1)`;
    expect(await refusal(alice, text, [params])).toMatchObject({ code: 'ST004', message });
  });
});
