// docs/sql-reference.md is what the catalog says of our functions, views and tables; `npx vitest run test/sql/reference.test.ts -u` writes it.
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { fencedBlocks } from '../docs/markdown.ts';
import { readTree } from '../house/source-tree.ts';
import { useQueue } from './support/queue.ts';

const queue = useQueue();
const PAGE = '../../docs/sql-reference.md';
const HEAD = `# Reference of the SQL surface

Written from the database's catalog by a test, which fails where they differ. Who may call: the least of the roles; the writer has what the
reader has, the administrator what the writer has. What a function refuses is \`P0001\` with a text and a hint, or a code of
[errors.md](errors.md). The last column is the page whose example a test runs. Nearly every function has a [short name](sql-api.md#short-names)
beside it, which begins with \`st_\`.
`;
/** Folder of sql/api → what its functions are for; in the order of the page. */
const TOPICS: Readonly<Record<string, string>> = {
  async: 'Asynchronous functions',
  sync: 'Synchronous functions',
  texts: 'Summaries and facts',
  'write-back': 'Results into tables',
  cache: 'Cache',
  prompts: 'Prompt registry',
  settings: 'Settings',
  validation: 'Validation',
  models: 'Models',
  fleet: 'The fleet',
  receipts: 'Receipts',
  monitoring: 'Monitoring',
  metrics: 'Counts',
  audit: 'Audit, export and erasure',
  identity: 'Identity',
  backup: 'Backup',
  ha: 'High availability',
};
const ROLES = ['reader', 'writer', 'auditor', 'metrics', 'admin'];

/** Short names are told of as a whole. */
const topicOf = new Map(
  [...readTree('sql/api', ['.sql'])]
    .filter(([path]) => !path.startsWith('sql/api/aliases/'))
    .map(([path]) => [basename(path, '.sql'), basename(dirname(path))]),
);
/** Pages whose statements a test runs, which it names. */
const run = [...readTree('test', ['page.test.ts', 'pages.test.ts'])].map(([, text]) => text).join('\n');
const examples = [...readTree('docs', ['.md'])]
  .filter(([page]) => run.includes(`'${page}'`))
  .flatMap(([page, text]) => fencedBlocks(text, 'sql').map((block) => ({ page: page.slice('docs/'.length), block })));

function exampleOf(name: string): string {
  const found = examples.find(({ block }) => new RegExp(`\\b${name}\\b`).test(block));
  return found ? `[${found.page}](${found.page})` : '';
}

/** As one would write it: types by their short names, and no casts of defaults. */
function written(text: string): string {
  return text
    .replaceAll(/::(?:timestamp with time zone|double precision|[a-z]+(?:\[\])?)/g, '')
    .replaceAll('timestamp with time zone', 'timestamptz')
    .replaceAll(/\binteger\b/g, 'int')
    .replaceAll('DEFAULT NULL', 'default null')
    .replaceAll('DEFAULT', 'default')
    .replaceAll(/\bTABLE\(/g, 'table (')
    .replaceAll(/\bSETOF\b/g, 'setof')
    .replaceAll('|', '\\|');
}

test('the page has every function of the API schema, its arguments, result and meaning', async () => {
  const superuser = await queue.superuser();
  await superuser.rows('set search_path = steadytext, pg_catalog');
  const functions = await superuser.rows(
    `select p.proname as name, pg_get_function_arguments(p.oid) as arguments,
            case p.prokind when 'p' then '' else pg_get_function_result(p.oid) end as result, d.description,
            (select r from unnest($1::text[]) with ordinality as r (r, i)
             where has_function_privilege('steadytext_' || r, p.oid, 'execute') order by i limit 1) as who
     from pg_proc p left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
     where p.pronamespace = 'steadytext'::regnamespace and p.prorettype <> 'trigger'::regtype
       and p.proname not like 'st\\_%' order by p.proname, 2`,
    [ROLES],
  );
  await superuser.rows('reset search_path');
  const sections = Object.entries(TOPICS).map(([topic, title]) => {
    const rows = functions
      .filter(({ name }) => topicOf.get(name) === topic)
      .map(
        ({ name, arguments: args, result, description, who }) =>
          `| \`${name}(${written(args)})\`${result ? ` → \`${written(result)}\`` : ''} | ${who ?? '–'} | ${description} | ${exampleOf(name)} |`,
      );
    return `## ${title}\n\n| function | who | what it does | example |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  const placed = functions.filter(({ name }) => (topicOf.get(name) ?? '') in TOPICS);
  expect(functions.filter((f) => !placed.includes(f)).map(({ name }) => name)).toEqual([]);
  await expect([HEAD, ...sections].join('\n')).toMatchFileSnapshot(PAGE);
});

test('every function has an example on a page', () => {
  expect([...topicOf.keys()].filter((name) => exampleOf(name) === '')).toEqual([]);
});
