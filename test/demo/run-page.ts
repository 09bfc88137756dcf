// A page's SQL, run as it stands there: in order, as an ordinary login, with a worker and the real models.

import pg from 'pg';
import { expect } from 'vitest';
import { startSteadytext } from '../commands/steadytext-process.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';

export type Answers = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** What each statement gave; `after` runs as the same login when all have. */
export async function runPage(page: string, after: (client: pg.Client) => Promise<void>): Promise<Answers> {
  const dev = startSteadytext(['dev', '--temp', '--engines', '1']);
  const answers = new Map<string, Record<string, unknown>[]>();
  try {
    const [, url] = await dev.printed(/^writer {2}(\S+)/m, 500_000);
    const client = new pg.Client(url!);
    await client.connect();
    try {
      let variables: Record<string, unknown> = {};
      for (const { text, kept } of fencedBlocks(readText(page), 'sql').flatMap(statementsOf)) {
        const statement = text.replaceAll(/:'(\w+)'/g, (_, name: string) => pg.escapeLiteral(String(variables[name])));
        const { rows } = await client.query(statement);
        answers.set(statement, rows);
        if (kept) variables = { ...variables, ...rows[0] };
      }
      await after(client);
    } finally {
      await client.end();
    }
  } finally {
    dev.child.kill('SIGTERM');
    expect(await dev.ended, dev.stderr()).toBe(0);
  }
  return answers;
}

/** The first row of the first statement that matches. */
export function answerIn(answers: Answers, pattern: RegExp): Record<string, unknown> {
  return [...answers].find(([statement]) => pattern.test(statement))![1][0]!;
}

/** Statements end with a semicolon at the end of a line, or with psql's \gset, which keeps its row; comments stay with them. */
function statementsOf(block: string): { text: string; kept: boolean }[] {
  return [...block.matchAll(/([\s\S]+?)(;|\\gset)\s*$/gm)].map(([, text, ending]) => ({
    text: text!.trim(),
    kept: ending === '\\gset',
  }));
}
