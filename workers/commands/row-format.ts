// Rows of a statement as a table for people, as JSON or as CSV for programs.

import Table from 'cli-table3';
import { jsonValue } from './json-value.ts';
import { visibleText } from './visible-text.ts';

export type RowFormat = 'table' | 'json' | 'csv';

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const ROWS_OF_A_PIECE = 200;
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
const NO_LINES_BETWEEN = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

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

/**
 * Drawn piece by piece, with the same widths: the library takes a time that grows with the square of the rows (16,000: 6.6 s,
 * in pieces 0.9 s), and ends in a stack overflow at some 120,000.
 */
function* tableLines(head: readonly string[], cells: readonly string[][], terminal: Terminal): Generator<string> {
  const { colWidths, ...layout } = { style: { head: [], border: [] }, ...widths(head, cells, terminal) };
  const across = (left: string, between: string, right: string) =>
    left + colWidths.map((width) => '─'.repeat(width)).join(between) + right;
  let isFirst = true;
  for (const { rows, continues, isOneRow } of pieces([[...head], ...cells])) {
    if (!continues) yield isFirst ? across('┌', '┬', '┐') : across('├', '┼', '┤');
    const table = new Table({ ...layout, colWidths, chars: { ...NO_EDGES, ...(isOneRow ? NO_LINES_BETWEEN : {}) } });
    for (const row of rows) table.push(row);
    yield table.toString();
    isFirst = false;
  }
  yield across('└', '┴', '┘');
}

interface Piece {
  readonly rows: string[][];
  /** Its rows are the lines of one row, of which the piece before has those above. */
  readonly continues: boolean;
  readonly isOneRow: boolean;
}

/**
 * Some rows of one line each, or some lines of one row: a cell of several lines takes the library the square of its length
 * for each of them (1,000 lines of 3 characters: 2.2 s), so it gets to see none.
 */
function* pieces(rows: readonly string[][]): Generator<Piece> {
  let flat: string[][] = [];
  for (const row of rows) {
    const height = row.reduce((most, text) => Math.max(most, text.split('\n').length), 1);
    if (flat.length > 0 && (height > 1 || flat.length === ROWS_OF_A_PIECE)) {
      yield { rows: flat, continues: false, isOneRow: false };
      flat = [];
    }
    if (height === 1) {
      flat.push(row);
      continue;
    }
    const columns = row.map((text) => text.split('\n'));
    const lines = Array.from({ length: height }, (_, index) => columns.map((column) => column[index] ?? ''));
    for (let from = 0; from < height; from += ROWS_OF_A_PIECE)
      yield { rows: lines.slice(from, from + ROWS_OF_A_PIECE), continues: from > 0, isOneRow: true };
  }
  if (flat.length > 0) yield { rows: flat, continues: false, isOneRow: false };
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
  const names = columns.map(({ name }) => JSON.stringify(name));
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
function widths(head: readonly string[], cells: readonly string[][], terminal: Terminal) {
  const wanted = head.map(
    (name, index) => cells.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(name)) + 2,
  );
  if (!terminal.isTTY || !terminal.columns) return { colWidths: wanted };
  const room = terminal.columns - head.length - 1;
  const total = () => wanted.reduce((sum, width) => sum + width, 0);
  for (let excess = total() - room; excess > 0; excess = total() - room) {
    const widest = wanted.indexOf(Math.max(...wanted));
    if ((wanted[widest] ?? 0) <= 12) break;
    wanted[widest] = (wanted[widest] ?? 0) - 1;
  }
  return { colWidths: wanted, wordWrap: true, wrapOnWordBoundary: true };
}

/** Of the longest line, as a terminal shows it: outside ASCII the library knows which characters take two places. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  if (text.includes('\n')) return text.split('\n').reduce((widest, line) => Math.max(widest, widthOf(line)), 0);
  const alone = new Table();
  alone.push([text]);
  alone.toString();
  return (alone.options.colWidths[0] ?? text.length + 2) - 2;
}
