// Rows of a statement as a table for people, as JSON or as CSV for programs.

import Table from 'cli-table3';

export type RowFormat = 'table' | 'json' | 'csv';

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Numbers shown of a long array; an embedding would fill the screen otherwise. */
const SHOWN_ITEMS = 4;
const LONGEST_ARRAY = 12;
/** int2[], int4[], text-free float4[], float8[], int8[], numeric[]: arrays whose commas all separate items. */
const NUMBER_ARRAYS = new Set([1005, 1007, 1021, 1022, 1016, 1231]);

export function formatRows(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  format: RowFormat,
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
): string {
  if (format === 'json') return jsonRows(columns, rows);
  if (format === 'csv') return csvRows(columns, rows);
  const head = columns.map((column) => column.name);
  const cells = rows.map((row) => row.map((value, index) => cell(value, columns[index])));
  const table = new Table({ head, style: { head: [], border: [] }, ...widths(head, cells, terminal) });
  table.push(...cells);
  return table.toString();
}

/** A value as one cell: null is told apart from empty text, long number arrays are cut. */
export function cell(value: unknown, column?: Column): string {
  if (value === null || value === undefined) return '∅';
  const text = String(value);
  return column && NUMBER_ARRAYS.has(column.dataTypeID) ? shortArray(text) : text;
}

/** `{1,2,3,…}` of PostgreSQL; longer ones become their first items and their length. */
export function shortArray(text: string): string {
  const items = text.slice(1, -1).split(',');
  if (!text.startsWith('{') || items.length <= LONGEST_ARRAY) return text;
  return `{${items.slice(0, SHOWN_ITEMS).join(',')},… ${items.length} numbers}`;
}

function jsonRows(columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.name, row[index]])));
  return JSON.stringify(objects, null, 2);
}

function csvRows(columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  const quoted = (value: unknown) => {
    if (value === null || value === undefined) return '';
    const text = String(value);
    return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns.map((column) => column.name), ...rows].map((row) => row.map(quoted).join(',')).join('\n');
}

/** At a terminal, the widest columns give way until the table fits; elsewhere lines are as long as they are. */
function widths(head: readonly string[], cells: readonly string[][], terminal: { isTTY?: boolean; columns?: number }) {
  if (!terminal.isTTY || !terminal.columns) return {};
  const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
  const wanted = head.map(
    (name, index) => Math.max(longest(name), ...cells.map((row) => longest(row[index] ?? ''))) + 2,
  );
  const room = terminal.columns - head.length - 1;
  const total = () => wanted.reduce((sum, width) => sum + width, 0);
  for (let excess = total() - room; excess > 0; excess = total() - room) {
    const widest = wanted.indexOf(Math.max(...wanted));
    if ((wanted[widest] ?? 0) <= 12) break;
    wanted[widest] = (wanted[widest] ?? 0) - 1;
  }
  return { colWidths: wanted, wordWrap: true, wrapOnWordBoundary: true };
}
