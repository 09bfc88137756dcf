// Pages' SQL, run as it stands there: in order, as an ordinary login of its own for each page, with one worker and the real models.

import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Running, startSteadytext } from '../commands/steadytext-process.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';

export type Answers = ReadonlyMap<string, readonly Record<string, unknown>[]>;

export interface PageRun {
  /** What each statement gave. */
  readonly answers: Answers;
  /** The login that they ran as; it sees its own requests only. */
  readonly client: pg.Client;
}

/** Gives what runs a page. Roles are what its login is a member of. */
export function usePages(): (page: string, roles?: readonly string[]) => Promise<PageRun> {
  let dev: Running;
  const urls = new Map<string, string>();
  const clients: pg.Client[] = [];
  beforeAll(async () => {
    dev = startSteadytext(['dev', '--temp', '--engines', '1']);
    for (const name of ['admin', 'writer'])
      urls.set(name, (await dev.printed(new RegExp(`^${name} +(\\S+)`, 'm'), 500_000))[1]!);
  }, 600_000);
  afterAll(async () => {
    for (const client of clients) await client.end();
    dev?.child.kill('SIGTERM');
    expect(await dev?.ended, dev?.stderr()).toBe(0);
  });

  async function login(roles: readonly string[]): Promise<pg.Client> {
    const name = `page_${clients.length}`;
    const admin = new pg.Client(urls.get('admin'));
    await admin.connect();
    await admin.query(`create role ${name} login password 'page' in role ${roles.join(', ')}`);
    // Who is no superuser makes a schema for those only that it is a member of.
    await admin.query(`grant ${name} to current_user; create schema authorization ${name}`);
    await admin.end();
    const client = new pg.Client(
      Object.assign(new URL(urls.get('writer')!), { username: name, password: 'page' }).href,
    );
    await client.connect();
    clients.push(client);
    return client;
  }

  return async (page, roles = ['steadytext_writer']) => {
    const client = await login(roles);
    const answers = new Map<string, Record<string, unknown>[]>();
    let variables: Record<string, unknown> = {};
    for (const { text, kept } of fencedBlocks(readText(page), 'sql').flatMap(statementsOf)) {
      const statement = text.replaceAll(/:'(\w+)'/g, (_, name: string) => literal(variables[name]));
      const { rows } = await client.query(statement);
      answers.set(statement, rows);
      if (kept) variables = { ...variables, ...rows[0] };
    }
    return { answers, client };
  };
}

/** As psql puts a variable in: an array is what the server prints of it. */
function literal(value: unknown): string {
  return pg.escapeLiteral(Array.isArray(value) ? `{${value.join(',')}}` : String(value));
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
