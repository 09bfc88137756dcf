// An example of docs/examples, run as it stands: each statement by itself, as psql does.
import type pg from 'pg';
import { readText } from '../../house/source-tree.ts';
import type { Row } from '../../sql/support/queue.ts';

/** The rows of each statement, in order. */
export async function runExample(client: pg.Client, name: string): Promise<Row[][]> {
  const results: Row[][] = [];
  for (const statement of statementsOf(name)) results.push((await client.query(statement)).rows);
  return results;
}

export function statementsOf(name: string): string[] {
  const text = readText(`docs/examples/${name}.sql`);
  // What is quoted by dollars, a text or a comment may hold a semicolon.
  const parts = text.match(/(?:\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|--[^\n]*|[^;])+;/g) ?? [];
  return parts.map((part) => part.trim());
}
