// The dependency rule and the other rules that ARCHITECTURE.md promises; each is also shown a tree that breaks it.

import { describe, expect, test } from 'vitest';
import { defaultExports, MAY_IMPORT, processUses, sqlTexts, withoutPurpose, wrongImports } from './rules.ts';
import { readText, readTree } from './source-tree.ts';

const workers = readTree('workers');

function tree(files: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(files));
}

describe('who may import whom', () => {
  test('no file of workers/ imports from a room above it or beside it', () => {
    expect(workers.size).toBeGreaterThan(20);
    expect(wrongImports(workers)).toEqual([]);
  });

  test('inference may not know the queue, nor the queue inference, not even by types, re-exports or import()', () => {
    const broken = tree({
      'workers/inference/a.ts': "import type { X } from '../queue/types.ts';",
      'workers/queue/b.ts': "export * from '../inference/engine.ts';",
      'workers/handlers/c.ts': "const fleet = await import('../fleet/worker.ts');",
      'workers/queue/fine.ts': "import { x } from './pool.ts';\nimport type { Config } from '../config.ts';",
    });
    expect(wrongImports(broken)).toEqual([
      'workers/inference/a.ts imports workers/queue/types.ts',
      'workers/queue/b.ts imports workers/inference/engine.ts',
      'workers/handlers/c.ts imports workers/fleet/worker.ts',
    ]);
  });

  test('workers/ imports nothing from tests or scripts, and has no room that the rule does not know', () => {
    expect(wrongImports(tree({ 'workers/queue/a.ts': "import '../../test/support/x.ts';" }))).toHaveLength(1);
    expect(wrongImports(tree({ 'workers/misc/a.ts': '' }))).toHaveLength(1);
  });

  test('the rule is the one that ARCHITECTURE.md shows', () => {
    const rows = [...readText('ARCHITECTURE.md').matchAll(/^\| `(\w+)` +\| ([^|]*)\|/gm)];
    const shown = Object.fromEntries(
      rows.map(([, room, list]) => [
        room,
        list!
          .match(/`(\w+)`/g)
          ?.map(bare)
          .sort() ?? [],
      ]),
    );
    const ruled = Object.fromEntries(Object.entries(MAY_IMPORT).map(([room, list]) => [room, [...list].sort()]));
    expect(shown).toEqual(ruled);
  });
});

describe('who may touch the process', () => {
  test('only config.ts reads the environment', () => {
    expect(processUses(workers, 'env', ['workers/config.ts'])).toEqual([]);
    const broken = tree({
      'workers/a.ts': 'const x = process.env.HOME;',
      'workers/b.ts': "import p from 'node:process';",
    });
    expect(processUses(broken, 'env', [])).toEqual(['workers/a.ts', 'workers/b.ts']);
  });

  test('only cli.ts ends the process', () => {
    expect(processUses(workers, 'exit', ['workers/cli.ts'])).toEqual([]);
    expect(processUses(tree({ 'workers/a.ts': 'globalThis.process.exit(1)' }), 'exit', [])).toEqual(['workers/a.ts']);
  });
});

describe('what a file looks like', () => {
  test('only queue/ holds SQL text', () => {
    expect(sqlTexts(workers)).toEqual([]);
    const broken = tree({
      'workers/fleet/a.ts': "db.query('select * from steadytext_queue')",
      'workers/fleet/b.ts': `db.query(\`insert into \${table} values (1)\`)`,
      'workers/fleet/c.ts': "db.query('LISTEN steadytext_queue')",
      'workers/fleet/fine.ts': "const hint = 'Select another model, or grant the login more rights.'",
      'workers/queue/fine.ts': "db.query('select 1')",
    });
    expect(sqlTexts(broken)).toHaveLength(3);
  });

  test('exports have names', () => {
    const scripts = readTree('scripts');
    expect(defaultExports(new Map([...workers, ...scripts]))).toEqual([]);
    const broken = tree({
      'a.ts': 'export default 1',
      'b.ts': 'export default function f() {}',
      'c.ts': 'export { x as default }',
    });
    expect(defaultExports(broken)).toEqual(['a.ts', 'b.ts', 'c.ts']);
  });

  test('the first line says what the file is for', () => {
    expect(withoutPurpose(new Map([...workers, ...readTree('scripts'), ...readTree('test/support')]))).toEqual([]);
    expect(withoutPurpose(tree({ 'a.ts': "import 'x';\n// late" }))).toEqual(['a.ts']);
  });
});

function bare(code: string): string {
  return code.replaceAll('`', '');
}
