// Rows as a table, JSON or CSV.

import { describe, expect, test } from 'vitest';
import { cell, formatRows, type RowFormat, rowLines, shortArray } from '../../workers/commands/row-format.ts';

const REAL_ARRAY = 1021;
const text = (name: string) => ({ name, dataTypeID: 25 });

describe('a table', () => {
  test('has a head, one line a row, and tells null from an empty text', () => {
    const table = formatRows(
      [text('a'), text('b')],
      [
        ['x', null],
        ['', 'y'],
      ],
      'table',
    );
    expect(table).toMatch(/│ a +│ b +│/);
    expect(table).toMatch(/│ x +│ ∅ +│/);
    expect(table).toMatch(/│ +│ y +│/);
  });

  test('fits a terminal: the widest column gives way', () => {
    const table = formatRows([text('id'), text('answer')], [['1', 'word '.repeat(60)]], 'table', {
      isTTY: true,
      columns: 60,
    });
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(table.match(/word/g)).toHaveLength(60);
  });
});

describe('a table of many rows', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, index) => [String(index + 1), index % 7 ? 'x' : '語語']);
  const widest = (table: string) =>
    new Set(
      table
        .replaceAll('語', 'xx')
        .split('\n')
        .map((line) => line.length),
    ).size;

  test('is one table, with a line below its head and none between rows of one line', () => {
    for (const count of [0, 1, 199, 200, 201, 1000]) {
      const table = formatRows([text('n'), text('word')], rows(count), 'table');
      const lines = table.split('\n');
      expect(lines).toHaveLength(count + (count > 0 ? 4 : 3));
      expect(widest(table)).toBe(1);
      expect([lines[0]![0], lines.at(-1)![0]]).toEqual(['┌', '└']);
      expect(lines.findLastIndex((line) => line.startsWith('├'))).toBe(count > 0 ? 2 : -1);
      expect(table.match(/│ \d+ +│/g) ?? []).toHaveLength(count);
    }
  });

  test('is drawn, and not too many for the stack', { timeout: 120_000 }, () => {
    const numbers = Array.from({ length: 150_000 }, (_, index) => [String(index + 1)]);
    const table = formatRows([text('n')], numbers, 'table', { isTTY: true, columns: 80 });
    expect(table.slice(-60)).toContain('│ 150000 │');
  });
});

test('a row of several lines, its own or those of a narrow terminal, is set off from its neighbours', () => {
  const words = 'word '.repeat(20).trim();
  const rows = [['a'], ['b'], [words], ['c'], ['one\ntwo'], ['d'], ['e']];
  const drawn = formatRows([text('t')], rows, 'table', { isTTY: true, columns: 60 }).split('\n');
  const marks = drawn.map((line) => (line.startsWith('│') ? line.slice(1, -1).trim() : line[0]));
  expect(marks.map((mark) => mark?.replace(/^(word ?)+$/, 'words'))).toEqual([
    '┌',
    't',
    '├',
    'a',
    'b',
    '├',
    'words',
    'words',
    '├',
    'c',
    '├',
    'one',
    'two',
    '├',
    'd',
    'e',
    '└',
  ]);
});

test('characters of two places, of none and of one keep the border straight', () => {
  const rows = [['語語'], ['ｗｉｄｅ'], ['한글'], ['e\u0301e\u0301'], ['👍'], ['Ж…é—∅']];
  const drawn = formatRows([text('t')], rows, 'table').split('\n');
  const blanks = drawn.slice(3, -1).map((line) => line.match(/ *│$/)![0].length - 2);
  expect(blanks).toEqual([4, 0, 4, 6, 6, 3]);
});

describe('arrays', () => {
  test('an embedding is cut to its first numbers and its length', () => {
    const embedding = `{${Array.from({ length: 384 }, (_, index) => index / 8).join(',')}}`;
    expect(cell(embedding, { name: 'embedding', dataTypeID: REAL_ARRAY })).toBe('{0,0.125,0.25,0.375,… 384 numbers}');
  });

  test('short ones, and those of text, stay whole', () => {
    expect(shortArray('{1,2,3}')).toBe('{1,2,3}');
    const words = `{${'a,'.repeat(20)}b}`;
    expect(cell(words, { name: 'words', dataTypeID: 1009 })).toBe(words);
  });
});

test('a text that no table can hold is cut in one, and says so; CSV and JSON have it whole', () => {
  const long = 'x'.repeat(2_000_000);
  const [head] = formatRows([text('a')], [[long]], 'table').match(/x+…/)!;
  expect(head).toHaveLength(100_001);
  expect(cell(long)).toMatch(/…\n\(100000 of 2000000 characters; --csv and --json print all\)$/);
  expect(cell('y'.repeat(100_000))).toBe('y'.repeat(100_000));
  expect(formatRows([text('a')], [[long]], 'csv')).toHaveLength(long.length + 2);
  expect(JSON.parse(formatRows([text('a')], [[long]], 'json'))).toEqual([{ a: long }]);
});

test('values of many lines are drawn in one row each, at once, and the next column stays beside', () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
  const rows = [
    ['before', ''],
    [lines.join('\n'), 'one\ntwo'],
    ['after', 'ä\n'],
  ];
  const drawn = formatRows([text('a'), text('b')], rows, 'table').split('\n');
  expect(drawn.filter((line) => line.startsWith('├'))).toHaveLength(3);
  expect(drawn).toHaveLength(1 + 1 + 1 + 1 + 1 + 3000 + 1 + 2 + 1);
  expect(new Set(drawn.map((line) => line.length)).size).toBe(1);
  expect(drawn.slice(5, 8)).toEqual(['│ line 0    │ one │', '│ line 1    │ two │', '│ line 2    │     │']);
});

test('rows are drawn some at a time, since all together may be longer than one text can be', () => {
  const rows = Array.from({ length: 1000 }, () => ['x']);
  const pieces = (format: RowFormat) => [...rowLines([text('a')], rows, format)].length;
  expect({ table: pieces('table'), csv: pieces('csv'), json: pieces('json') }).toEqual({
    table: 1004,
    csv: 1001,
    json: 1002,
  });
});

test('JSON has names and values, arrays in full', () => {
  const columns = [text('n'), { name: 'e', dataTypeID: REAL_ARRAY }, text('z')];
  const rows = ['1', '2'].map((n) => [n, '{0.5,0.25}', null]);
  expect(JSON.parse(formatRows(columns, rows, 'json'))).toEqual(
    ['1', '2'].map((n) => ({ n, e: [0.5, 0.25], z: null })),
  );
  expect(formatRows(columns, [], 'json')).toBe('[]');
});

test('CSV quotes what needs it; null is empty and empty text is quoted', () => {
  const csv = formatRows(
    [text('a'), text('b,c')],
    [
      ['x"y', null],
      ['', 'two\nlines'],
    ],
    'csv',
  );
  expect(csv).toBe('a,"b,c"\n"x""y",\n"","two\nlines"');
});
