// The pages as a whole: links lead somewhere, every page is reachable, commands shown exist.

import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../../workers/cli.ts';
import { makeWorld } from '../cli/world.ts';
import { ROOT, readText, readTree } from '../house/source-tree.ts';
import { relativeLinks } from './markdown.ts';

const pages = new Map([
  ...readTree('docs', ['.md']),
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((path) => [path, readText(path)] as const),
]);

test('every relative link leads to a file', () => {
  const broken = [...pages].flatMap(([page, text]) =>
    relativeLinks(text)
      .map((link) => normalize(join(dirname(page), link)))
      .filter((target) => !existsSync(join(ROOT, target)))
      .map((target) => `${page} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every file that a page names is there', () => {
  const named = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/(?<![\w/.-])(?:docs|migrations|scripts|sql|test|workers)\/[\w./-]+\.\w+/g)].map(([path]) => ({
      page,
      path,
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the columns of a direct insert are those that a writer may give', () => {
  const [, granted] = readText('sql/grants/steadytext_writer.sql').match(/grant insert \(([^)]+)\)/)!;
  const [, shown] = readText('docs/lifecycle.md').match(/insert into steadytext_queue \(([^)]+)\)/)!;
  expect(shown!.split(/,\s+/)).toEqual(granted!.split(/,\s+/));
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const link of relativeLinks(pages.get(page) ?? '')) reached.add(normalize(join(dirname(page), link)));
  expect([...pages.keys()].filter((page) => !reached.has(page))).toEqual([]);
});

test('commands and options shown in the pages exist', async () => {
  const program = await createProgram(makeWorld({}).context);
  const unknown = [...pages].flatMap(([page, text]) =>
    [
      ...text.matchAll(
        /(?<![\w@/.-])(?:npx |npm run (?:--silent )?)?steadytext (?:-- )?([a-z]+)((?: --?[a-z][a-z-]*)*)/g,
      ),
    ].flatMap(([shown, name, options]) => {
      const command = program.commands.find((known) => known.name() === name);
      if (!command) return /`|\$ |^ {2}/.test(shown) ? [`${page}: ${shown}`] : [];
      const flags = new Set(
        [...command.options, ...command.commands.flatMap((child) => child.options)].map((option) => option.long),
      );
      return (options ?? '')
        .split(' ')
        .filter((option) => option.startsWith('--') && option !== '--help' && !flags.has(option))
        .map((option) => `${page}: ${name} ${option}`);
    }),
  );
  expect(unknown).toEqual([]);
});

test('npm scripts shown in the pages exist, and there are no more than twelve', () => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  const shown = [...pages.values()].flatMap((text) =>
    [...text.matchAll(/npm run (?:--silent )?([a-z]+)/g)].map(([, name]) => name!),
  );
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.filter((name) => !(name in scripts))).toEqual([]);
  expect(Object.keys(scripts).length).toBeLessThanOrEqual(12);
});
