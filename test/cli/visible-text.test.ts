// What a text of somebody else's may not do to the terminal of who reads it.

import { expect, test } from 'vitest';
import { describeError, pointAt } from '../../workers/commands/describe-error.ts';
import { jsonValue } from '../../workers/commands/json-value.ts';
import { formatRows } from '../../workers/commands/row-format.ts';
import { visibleText } from '../../workers/commands/visible-text.ts';
import { SteadyTextError } from '../../workers/errors.ts';

const TITLE_AND_CLEAR = '\x1b]0;owned\x07\x1b[2Jx';
const SHOWN = '\\x1B]0;owned\\x07\\x1B[2Jx';
const text = (name: string) => ({ name, dataTypeID: 25 });

test('control characters are shown, and nothing else is', () => {
  expect(visibleText(TITLE_AND_CLEAR)).toBe(SHOWN);
  expect(visibleText('\0\b\r\x7f\x80\x9b')).toBe('\\x00\\x08\\x0D\\x7F\\x80\\x9B');
  expect(visibleText('\u202a\u202e\u2066\u2069')).toBe('\\u202A\\u202E\\u2066\\u2069');
  for (const innocent of ['a\tb\nc', ' ~\u00a0é', 'שלום', '語', '👩‍🚀', '\u2028', String.raw`\x1B`])
    expect(visibleText(innocent)).toBe(innocent);
});

test('a table shows them in cells and names of columns; CSV and JSON carry them', () => {
  const rows = [[TITLE_AND_CLEAR]];
  const table = formatRows([text('a\x1bc')], rows, 'table').split('\n');
  expect(table[1]).toMatch(/^│ a\\x1Bc +│$/);
  expect(table[3]).toBe(`│ ${SHOWN} │`);
  expect(formatRows([text('a')], rows, 'csv')).toBe(`a\n${TITLE_AND_CLEAR}`);
  expect(JSON.parse(formatRows([text('a')], rows, 'json'))).toEqual([{ a: TITLE_AND_CLEAR }]);
});

test('a tab in a table reaches to the next stop, and its border stays straight', () => {
  const table = formatRows([text('a')], [['\tone\n12345678\ttwo\n1234567\tthree\tx']], 'table').split('\n');
  expect(table.slice(3, 6)).toEqual(['│         one         │', '│ 12345678        two │', '│ 1234567 three   x   │']);
});

test('an error, of ours, of the server or of nobody, shows them', () => {
  const ours = new SteadyTextError('StatementFailed', TITLE_AND_CLEAR, { hint: TITLE_AND_CLEAR });
  expect(describeError(ours).text).toBe(`ST068 StatementFailed: ${SHOWN}\nhint: ${SHOWN}`);
  const server = { severity: 'ERROR', code: 'P0001', detail: TITLE_AND_CLEAR };
  expect(describeError(Object.assign(new Error(TITLE_AND_CLEAR), server)).text).toBe(
    `ERROR P0001: ${SHOWN}\ndetail: ${SHOWN}`,
  );
  expect(describeError(new Error(TITLE_AND_CLEAR)).text).toContain(`: ${SHOWN}\n`);
});

test('the place of an error is pointed at as it is shown', () => {
  expect(pointAt("select '\x1b', nonsense", 13)).toBe(
    ["LINE 1: select '\\x1B', nonsense", '                       ^'].join('\n'),
  );
});

test('JSON says the same with what a terminal would obey written as escapes, in its documents too', () => {
  const text = 'a\x9b2J\x7f\u202e"\u2066\n';
  for (const json of [jsonValue(text, 25), jsonValue(`{ "k": "a\x9b2J\x7f\u202e\\"\u2066\\n" }`, 114)]) {
    expect(json).not.toMatch(/[\x7f-\x9f\u202a-\u2069]/);
    expect(json).toContain('\\u009b');
    const read = JSON.parse(json);
    expect(read.k ?? read).toBe(text);
  }
});
