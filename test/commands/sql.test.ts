// `steadytext sql`: one statement, its rows or its error.

import { describe, expect, test } from 'vitest';
import { runCommand } from '../cli/world.ts';
import { useDatabase } from '../support/database.ts';
import { runSteadytext } from './steadytext-process.ts';

const database = useDatabase();
const sql = (args: readonly string[], stdin?: string) =>
  runCommand(['sql', ...args], { DATABASE_URL: database.adminUrl }, stdin);

describe('what it prints', () => {
  test('a table with the number of rows', async () => {
    const { status, stdout, stderr } = await sql(["select 1 as one, null as nothing, 'a' as letter"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/│ one │ nothing │ letter │[\s\S]*│ 1 +│ ∅ +│ a +│[\s\S]*\(1 row\)\n$/);
  });

  test('an embedding shortened in a table, whole in JSON', async () => {
    const statement = 'select array_agg(n::real order by n) as e from generate_series(1, 384) n';
    expect((await sql([statement])).stdout).toContain('{1,2,3,4,… 384 numbers}');
    const [row] = JSON.parse((await sql([statement, '--json'])).stdout) as { e: number[] }[];
    expect(row!.e).toHaveLength(384);
  });

  test('JSON that says what the server says: nothing changed by a time zone, a type of JavaScript or a word it does not have', async () => {
    const values: readonly (readonly [expression: string, expected: unknown])[] = [
      ["'2020-01-01'::date", '2020-01-01'],
      ["'2020-01-01 12:00:00.123456'::timestamp", '2020-01-01 12:00:00.123456'],
      ["'2020-01-01 12:00:00.123456+00'::timestamptz", '2020-01-01 12:00:00.123456+00'],
      ["'infinity'::timestamp", 'infinity'],
      ["'1 day 2 hours'::interval", '1 day 02:00:00'],
      ["'\\x00ff'::bytea", '\\x00ff'],
      ["'(1.5,2)'::point", '(1.5,2)'],
      ['9223372036854775807', '9223372036854775807'],
      ['1.10', '1.10'],
      ["'nan'::float4", 'NaN'],
      ["'-infinity'::float8", '-Infinity'],
      ["'1e-7'::float8", 1e-7],
      ['-7::int2', -7],
      ['true', true],
      ['null::bool', null],
      [`'{"a": [1, null, "b"]}'::json`, { a: [1, null, 'b'] }],
      ["'null'::jsonb", null],
      ["array['2020-01-01']::date[]", ['2020-01-01']],
      ["'{1,NaN,NULL}'::float8[]", [1, 'NaN', null]],
      ["'{9223372036854775807}'::int8[]", ['9223372036854775807']],
      ["'{1.10}'::numeric[]", ['1.10']],
      [
        'array[array[1, 2], array[3, 4]]',
        [
          [1, 2],
          [3, 4],
        ],
      ],
      ["'[0:1]={t,f}'::bool[]", [true, false]],
      ["'{}'::text[]", []],
      [
        `array['a,b', '{c}', 'd"e\\f', 'NULL', '', null, E'two\nlines', 'ä𝒳']`,
        ['a,b', '{c}', 'd"e\\f', 'NULL', '', null, 'two\nlines', 'ä𝒳'],
      ],
      [`array['{"a,b": "}"}', '[1]']::jsonb[]`, [{ 'a,b': '}' }, [1]]],
      ["array['\\x0a']::bytea[]", ['\\x0a']],
      ["array['0b0e0000-0000-4000-8000-000000000000']::uuid[]", ['0b0e0000-0000-4000-8000-000000000000']],
    ];
    const columns = values.map(([expression], index) => `${expression} as c${index}`);
    const statement = `select ${columns.join(', ')}`;
    const env = { DATABASE_URL: database.adminUrl, TZ: 'Europe/Berlin', PGOPTIONS: '-c TimeZone=UTC' };
    const { stdout, stderr, status } = await runSteadytext(['sql', '--json', statement], env);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [row] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(Object.values(row!)).toEqual(values.map(([, expected]) => expected));
    expect(stdout).toContain('1e-07');
  });

  test('JSON with the digits that a json column holds, which no reader need keep but we do', async () => {
    const { stdout } = await sql(['--json', `select '{"n": 12345678901234567890.10}'::jsonb as j`]);
    expect(stdout).toContain('12345678901234567890.10');
  });

  test('CSV, from a statement on standard input', async () => {
    expect((await sql(['--csv'], "select 1 as a, 'x,y' as b\n")).stdout).toBe('a,b\n1,"x,y"\n');
  });

  test('the command and its count where there are no rows to show', async () => {
    expect((await sql(['create temp table t as select generate_series(1, 3)'])).stdout).toBe('SELECT 3\n');
    expect((await sql(['listen x'])).stdout).toBe('LISTEN\n');
  });

  test("the server's remarks on standard error, with all that they say", async () => {
    const { stdout, stderr } = await sql([
      "do $$ begin raise notice 'mind the gap' using detail = 'it is wide', hint = 'jump'; raise warning 'mind'; end $$",
    ]);
    expect(stdout).toBe('DO\n');
    expect(stderr).toBe('NOTICE: mind the gap\ndetail: it is wide\nhint: jump\nWARNING: mind\n');
  });
});

test("nothing of a user's text commands the terminal: not in a table, a remark or an error", async () => {
  const clear = String.raw`\x1b[2J`;
  const table = await sql([`select E'${clear}' as c`]);
  const remark = await sql([`do $$ begin raise notice E'${clear}'; end $$`]);
  const error = await sql([`do $$ begin raise E'${clear}'; end $$`]);
  for (const text of [table.stdout, remark.stderr, error.stderr]) {
    expect(text).toContain(String.raw`\x1B[2J`);
    expect(text).not.toContain('\x1b');
  }
});

describe('what it refuses', () => {
  test('a mistake in the statement, with its place', async () => {
    const { status, stdout, stderr } = await sql(['select\n  nonsense from pg_class']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      'ERROR 42703: column "nonsense" does not exist\nLINE 2:   nonsense from pg_class\n          ^\n',
    );
  });

  test('bad input of a function, with code and hint', async () => {
    const { status, stderr } = await sql(["select steadytext_generate_async('')"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ERROR P0001: Prompt cannot be empty\nhint: .*\n$/);
  });

  test('a function of ours in a database that was not migrated', async () => {
    const { pathname } = new URL(database.adminUrl);
    const url = database.superuserUrl.replace(pathname, '/postgres');
    const { status, stderr } = await sql(["select steadytext_embed_async('x')", '--url', url]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^ERROR 42883: .*\nLINE 1: [\s\S]*hint: .*`steadytext migrate` on this database.*search_path/,
    );
  });

  test('two statements at once: nothing of either is done', async () => {
    const { status, stdout, stderr } = await sql(['create table half (a int); select 1']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^ST004 InvalidOption: Expected one SQL statement, got several; none was run\.\nhint: .*once for each/,
    );
    const [row] = await database.query(database.adminUrl, "select to_regclass('half') as found");
    expect(row).toEqual({ found: null });
  });

  test('what belongs together as the hint says, in one block', async () => {
    const { stderr } = await sql(['select 1; select 2']);
    const [, block] = stderr.match(/steadytext sql '(.*)'/)!;
    const statements = ['create table pair (a int)', 'insert into pair values (1)'];
    const whole = block!.replace('…', statements[0]!).replace('…', statements[1]!);
    expect(await sql([whole])).toMatchObject({ status: 0, stdout: 'DO\n' });
    expect((await sql(['select a from pair', '--csv'])).stdout).toBe('a\n1\n');
  });

  test('a statement with a semicolon at its end and inside a text is one', async () => {
    expect((await sql(["select 'a; b' as c;", '--csv'])).stdout).toBe('c\na; b\n');
  });

  test.each(['', ';', ' ;\n; ', '/* nothing */', '\n-- nothing'])(
    '%j, in which there is no statement',
    async (text) => {
      for (const flags of [[], ['--json'], ['--csv']]) {
        const { status, stdout, stderr } = await sql([text, ...flags]);
        expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
        expect(stderr).toMatch(/^ST004 InvalidOption: Expected a SQL statement, got .*\nhint: .*"select 1"/);
      }
    },
  );

  test.each(['select $1', 'select $1 is null', 'select $1::int + $2'])(
    '%s, whose values could not be given',
    async (statement) => {
      const { status, stdout, stderr } = await sql([statement]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(
        /^ST004 InvalidOption: Expected a statement without parameters, got one with .*\nhint: Write the values into/,
      );
    },
  );

  test('two columns of one name as JSON, which could hold one of them', async () => {
    const twice = 'select 1 as a, 2 as b, 3 as a';
    const { status, stdout, stderr } = await sql([twice, '--json']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^ST004 InvalidOption: Expected columns of different names for --json, got two named a\.\nhint: /,
    );
    expect((await sql([twice, '--csv'])).stdout).toBe('a,b,a\n1,2,3\n');
  });

  test('a copy to standard output, whose rows the driver drops; not one to a file', async () => {
    const { status, stdout, stderr } = await sql(['copy (select 1) to stdout']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ST004 InvalidOption: .* got COPY … TO STDOUT\.\nhint: .*--csv/);
    const file = await sql(["copy (select 1) to '/dev/null'", '--url', database.superuserUrl]);
    expect(file).toMatchObject({ status: 0, stdout: 'COPY 1\n' });
  });

  test('a login that PostgreSQL does not know', async () => {
    const url = database.adminUrl.replace(/:[^:@]*@/, ':wrong@');
    const { status, stderr } = await sql(['select 1', '--url', url]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/password authentication failed[\s\S]*hint: .*password/i);
    expect(stderr).not.toContain('wrong@');
  });
});
