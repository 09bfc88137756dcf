// PostgreSQL's own text of a value as JSON text. What JSON or its readers would change, such as a date, NaN or a number of
// nineteen digits, stays that text, in quotes; nothing passes through a type of JavaScript on the way.

import { visibleJson } from './visible-text.ts';

const BOOLEAN = 16;
/** int2, int4, oid, float4, float8: numbers that every reader of JSON holds exactly. */
const NUMBERS = new Set([21, 23, 26, 700, 701]);
/** json, jsonb */
const DOCUMENTS = new Set([114, 3802]);
/** The type of the items of an array, where they are more than text. */
const ITEMS = new Map([
  [1000, BOOLEAN],
  [1005, 21],
  [1007, 23],
  [1028, 26],
  [1021, 700],
  [1022, 701],
  [199, 114],
  [3807, 3802],
]);
/**
 * Arrays whose items stay text: bytea, name, int8, bpchar, varchar, text, point, macaddr, inet, cidr, money, timestamp, date,
 * time, timestamptz, interval, numeric, timetz, uuid, numrange. Arrays of other types come as a whole, as text.
 */
const TEXT_ARRAYS = new Set([
  1001, 1003, 1016, 1014, 1015, 1009, 1017, 1040, 1041, 651, 791, 1115, 1182, 1183, 1185, 1187, 1231, 1270, 2951, 3907,
]);

const JSON_NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** An item in quotes, one without, or a brace. The commas between them are those of JSON. */
const ARRAY_PART = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|[^{},]+|[{}]/g;

export function jsonValue(text: string | null, type: number): string {
  if (text === null) return 'null';
  if (type === BOOLEAN) return text === 't' ? 'true' : 'false';
  if (DOCUMENTS.has(type)) return visibleJson(text);
  if (NUMBERS.has(type) && JSON_NUMBER.test(text)) return text;
  if (ITEMS.has(type) || TEXT_ARRAYS.has(type)) return jsonArray(text, ITEMS.get(type) ?? 0);
  return visibleJson(JSON.stringify(text));
}

function jsonArray(text: string, itemType: number): string {
  // JSON has no lower bounds other than its own: [0:1]={a,b} says them first.
  return text.replace(/^[^{]*/, '').replaceAll(ARRAY_PART, (part: string, quoted: string | undefined) => {
    if (part === '{') return '[';
    if (part === '}') return ']';
    if (quoted !== undefined) return jsonValue(quoted.replaceAll(/\\([\s\S])/g, '$1'), itemType);
    return jsonValue(part === 'NULL' ? null : part, itemType);
  });
}
