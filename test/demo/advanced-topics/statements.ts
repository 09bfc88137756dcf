// The statements of pg_steadytext's page "Advanced Topics", as files of SQL: each under a line that says who runs it and what comes of it.
//
//   --- what it is for: a reader | a writer | an administrator | a superuser [, with <extension>] [, refused [below <version>] with <SQLSTATE>]
//   --- columns a, b, c            names of the columns that it has to give
//   --- instead: a reader | … | shown by <file>     the nearest form that works, run too

import { readdirSync, readFileSync } from 'node:fs';

export type Who = 'reader' | 'writer' | 'administrator' | 'superuser';

export interface Form {
  readonly who: Who;
  readonly sql: string;
  /** Names in their order, where they matter. */
  readonly columns?: string;
}

export interface Statement extends Form {
  readonly title: string;
  readonly extension?: string;
  readonly refused?: { readonly code: string; readonly below?: number };
  readonly instead?: Form | { readonly shownBy: string };
}

const HEAD =
  /^(.+): an? (reader|writer|administrator|superuser)(?:, with (\w+))?(?:, refused(?: below (\d+))? with (\w{5}))?$/;

export function readStatements(): ReadonlyMap<string, readonly Statement[]> {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.sql'));
  return new Map(names.sort().map((name) => [name, parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))]));
}

function parse(text: string): Statement[] {
  const found: Statement[] = [];
  for (const part of text.split(/^--- (?!columns )/m).slice(1)) {
    const [head, ...lines] = part.split('\n');
    const columns = lines.find((line) => line.startsWith('--- columns '))?.slice('--- columns '.length);
    const sql = lines
      .filter((line) => !line.startsWith('--- '))
      .join('\n')
      .trim();
    const instead = /^instead: (?:an? (\w+)|shown by (\S+))$/.exec(head!);
    if (instead) {
      const form = instead[2] ? { shownBy: instead[2] } : { who: instead[1] as Who, sql, ...(columns && { columns }) };
      found.push({ ...found.pop()!, instead: form });
      continue;
    }
    const [, title, who, extension, below, code] = HEAD.exec(head!) ?? [];
    if (!title || !sql) throw new Error(`Expected "title: a role …" and a statement, got ${head}`);
    found.push({
      title,
      who: who as Who,
      sql,
      ...(columns && { columns }),
      ...(extension && { extension }),
      ...(code && { refused: { code, ...(below && { below: Number(below) }) } }),
    });
  }
  return found;
}
