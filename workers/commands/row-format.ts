// Rows of a statement as a table for people, as JSON or as CSV for programs.

import Table from 'cli-table3';
import { jsonValue } from './json-value.ts';
import { visibleJson, visibleText } from './visible-text.ts';

export type RowFormat = 'table' | 'json' | 'csv';

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const NO_EDGES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
};

/** A blank on each side of a cell. */
const PADDING = 2;
const PLAIN = { style: { head: [], border: [] } };

/** Numbers shown of a long array; an embedding would fill the screen otherwise. */
const SHOWN_ITEMS = 4;
const LONGEST_ARRAY = 12;
const TAB_STOP = 8;
/** As long as the longest prompt by default. The library takes 7 s for one such at a terminal, growing with the square. */
const LONGEST_TEXT = 100_000;
/** int2[], int4[], text-free float4[], float8[], int8[], numeric[]: arrays whose commas all separate items. */
const NUMBER_ARRAYS = new Set([1005, 1007, 1021, 1022, 1016, 1231]);

export function formatRows(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  format: RowFormat,
  terminal: Terminal = {},
): string {
  return [...rowLines(columns, rows, format, terminal)].join('\n');
}

/** The same line by line (a table some lines at a time), since all together may be more than one text can hold. */
export function rowLines(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  format: RowFormat,
  terminal: Terminal = {},
): Iterable<string> {
  if (format === 'json') return jsonLines(columns, rows as readonly (readonly (string | null)[])[]);
  if (format === 'csv') return csvLines(columns, rows);
  const head = columns.map(({ name }) => tableText(name));
  const cells = rows.map((row) => row.map((value, index) => cell(value, columns[index])));
  return tableLines(head, cells, terminal);
}

/** Rows of one line stand close together; a taller one is set off by lines, since where it ends could not be seen else. */
function* tableLines(head: readonly string[], cells: readonly string[][], terminal: Terminal): Generator<string> {
  const colWidths = widths(head, cells, terminal);
  const across = (left: string, between: string, right: string) =>
    left + colWidths.map((width) => '─'.repeat(width)).join(between) + right;
  yield across('┌', '┬', '┐');
  yield* drawn(head, colWidths);
  let isSetOff = true;
  for (const row of cells) {
    const lines = drawn(row, colWidths);
    const isTall = lines.length > 1;
    if (isTall || isSetOff) yield across('├', '┼', '┤');
    yield* lines;
    isSetOff = isTall;
  }
  yield across('└', '┴', '┘');
}

/**
 * The library takes the square of its lines for a cell of several (1,000 lines of 3 characters: 2.2 s), so it gets to see one
 * at a time, and only to break what is too wide.
 */
function drawn(row: readonly string[], colWidths: readonly number[]): string[] {
  if (!row.some((text) => text.includes('\n'))) return drawnLine(row, colWidths);
  const columns = row.map((text) => text.split('\n'));
  const height = Math.max(...columns.map(({ length }) => length));
  const lines = Array.from({ length: height }, (_, index) => columns.map((column) => column[index] ?? ''));
  return lines.flatMap((line) => drawnLine(line, colWidths));
}

function drawnLine(line: readonly string[], colWidths: readonly number[]): string[] {
  let text = '│';
  for (const [index, cell] of line.entries()) {
    const blanks = (colWidths[index] ?? 0) - PADDING - widthOf(cell);
    if (blanks < 0) return broken(line, colWidths).split('\n');
    text += ` ${cell}${' '.repeat(blanks)} │`;
  }
  return [text];
}

function broken(line: readonly string[], colWidths: readonly number[]): string {
  const table = new Table({
    colWidths: [...colWidths],
    chars: NO_EDGES,
    ...PLAIN,
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  table.push([...line]);
  return table.toString();
}

/** A value as one cell: null is told apart from empty text, long arrays of numbers are cut, and nothing commands the terminal. */
export function cell(value: unknown, column?: Column): string {
  if (value === null || value === undefined) return '∅';
  const text = String(value);
  return tableText(column && NUMBER_ARRAYS.has(column.dataTypeID) ? shortArray(text) : shortText(text));
}

/** A tab becomes the blanks to the next of the stops that terminals have, counted from the edge of the cell. */
function tableText(text: string): string {
  const shown = visibleText(text);
  if (!shown.includes('\t')) return shown;
  const toNextStop = (written: string) => ' '.repeat(TAB_STOP - (written.length % TAB_STOP));
  const lines = shown.split('\n').map((line) => line.split('\t').reduce((all, part) => all + toNextStop(all) + part));
  return lines.join('\n');
}

/** What no table can show is cut, and says so and how to have it whole. */
function shortText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT)}…\n(${LONGEST_TEXT} of ${text.length} characters; --csv and --json print all)`;
}

/** `{1,2,3,…}` of PostgreSQL; longer ones become their first items and their length. */
export function shortArray(text: string): string {
  const items = text.slice(1, -1).split(',');
  if (!text.startsWith('{') || items.length <= LONGEST_ARRAY) return text;
  return `{${items.slice(0, SHOWN_ITEMS).join(',')},… ${items.length} numbers}`;
}

/** Values come as PostgreSQL's own text. */
function* jsonLines(columns: readonly Column[], rows: readonly (readonly (string | null)[])[]): Generator<string> {
  if (rows.length === 0) return yield '[]';
  const names = columns.map(({ name }) => visibleJson(JSON.stringify(name)));
  yield '[';
  for (const [place, row] of rows.entries()) {
    const fields = columns.map(
      ({ dataTypeID }, index) => `    ${names[index]}: ${jsonValue(row[index] ?? null, dataTypeID)}`,
    );
    yield `  {\n${fields.join(',\n')}\n  }${place < rows.length - 1 ? ',' : ''}`;
  }
  yield ']';
}

function* csvLines(columns: readonly Column[], rows: readonly (readonly unknown[])[]): Generator<string> {
  const quoted = (value: unknown) => {
    if (value === null || value === undefined) return '';
    const text = String(value);
    return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  yield columns.map(({ name }) => quoted(name)).join(',');
  for (const row of rows) yield row.map(quoted).join(',');
}

/** At a terminal, the widest columns give way until the table fits; elsewhere lines are as long as they are. */
function widths(head: readonly string[], cells: readonly string[][], terminal: Terminal): number[] {
  const wanted = head.map(
    (name, index) =>
      cells.reduce((widest, row) => Math.max(widest, widestLine(row[index] ?? '')), widestLine(name)) + PADDING,
  );
  if (!terminal.isTTY || !terminal.columns) return wanted;
  const room = terminal.columns - head.length - 1;
  const total = () => wanted.reduce((sum, width) => sum + width, 0);
  for (let excess = total() - room; excess > 0; excess = total() - room) {
    const widest = wanted.indexOf(Math.max(...wanted));
    if ((wanted[widest] ?? 0) <= 12) break;
    wanted[widest] = (wanted[widest] ?? 0) - 1;
  }
  return wanted;
}

function widestLine(text: string): number {
  return text.includes('\n')
    ? text.split('\n').reduce((widest, line) => Math.max(widest, widthOf(line)), 0)
    : widthOf(text);
}

/** Characters of one place each, and of two, as the library has them too: most scripts, and those of East Asia. */
const PLAIN_LINE =
  /^[ -~\u00a0-\u00a8\u00aa-\u00ad\u00af-\u02ff\u0370-\u10ff\u1e00-\u1fff\u2010-\u2027\u2205\u3000-\u3029\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;
const WIDE = /[\u3000-\u9fff\uac00-\ud7a3\uff01-\uff60]/g;

/** Of one line, as a terminal shows it. Of other lines the library knows it (100 wide characters: 0.9 ms). */
function widthOf(line: string): number {
  if (PLAIN_LINE.test(line)) return line.length + (line.match(WIDE)?.length ?? 0);
  const alone = new Table();
  alone.push([line]);
  alone.toString();
  return (alone.options.colWidths[0] ?? line.length + PADDING) - PADDING;
}
