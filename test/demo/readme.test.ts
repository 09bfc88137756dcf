// The README's SQL runs as it stands there: in order, as an ordinary login, with a worker and the real models.

import pg from 'pg';
import { expect, test } from 'vitest';
import { startSteadytext } from '../commands/steadytext-process.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';

test('every statement of the README gives what the text around it says', { timeout: 600_000 }, async () => {
  const dev = startSteadytext(['dev', '--temp', '--engines', '1']);
  const answers = new Map<string, Record<string, unknown>[]>();
  try {
    const [, url] = await dev.printed(/^writer {2}(\S+)/m, 500_000);
    const client = new pg.Client(url!);
    await client.connect();
    try {
      let variables: Record<string, unknown> = {};
      for (const { text, kept } of fencedBlocks(readText('README.md'), 'sql').flatMap(statementsOf)) {
        const statement = text.replaceAll(/:'(\w+)'/g, (_, name: string) => pg.escapeLiteral(String(variables[name])));
        const { rows } = await client.query(statement);
        answers.set(statement, rows);
        if (kept) variables = { ...variables, ...rows[0] };
      }
      const { rows } = await client.query('select id, array_length(embedding, 1) as length from notes order by id');
      expect(rows).toEqual([1, 2].map((id) => ({ id, length: 384 })));
    } finally {
      await client.end();
    }
  } finally {
    dev.child.kill('SIGTERM');
    expect(await dev.ended, dev.stderr()).toBe(0);
  }
  const answer = (pattern: RegExp) => [...answers].find(([statement]) => pattern.test(statement))![1][0]!;
  const { id } = answer(/select steadytext_generate_async/);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer(/steadytext_check_async/).status).toMatch(/^(pending|processing|completed)$/);
  expect(answer(/select steadytext_get_async_result\(/).steadytext_get_async_result).toMatch(/\w/);
  expect(answer(/result_json/).steadytext_get_async_result_json).toMatchObject([{ index: 0 }, { index: 1 }]);
  expect(answer(/cancel_async/).steadytext_cancel_async).toBe(true);
  expect(answers.size).toBeGreaterThan(8);
});

/** Statements end with a semicolon at the end of a line, or with psql's \gset, which keeps its row; comments stay with them. */
function statementsOf(block: string): { text: string; kept: boolean }[] {
  return [...block.matchAll(/([\s\S]+?)(;|\\gset)\s*$/gm)].map(([, text, ending]) => ({
    text: text!.trim(),
    kept: ending === '\\gset',
  }));
}
