// PostgreSQL array literals. The driver's own quotes and scans every element; settling a thousand requests sends thirteen
// thousand, and most of them are numbers or null.

/** Of values that need no quotes: numbers, uuids. */
export function plainArray(values: readonly (number | string | null)[]): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) text += (i > 0 ? ',' : '') + (values[i] ?? 'NULL');
  return `${text}}`;
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`;
}

export function textArray(values: readonly (string | null)[]): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    text += i > 0 ? ',' : '';
    if (value === null) text += 'NULL';
    else text += /["\\]/.test(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${value}"`;
  }
  return `${text}}`;
}

/** What a literal of such values without nulls holds, as it stands there. */
export function readPlainArray(literal: string): string[] {
  return literal === '{}' ? [] : literal.slice(1, -1).split(',');
}
