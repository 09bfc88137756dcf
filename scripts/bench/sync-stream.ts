// Part of `npm run bench sync`: when the first row of a streamed text comes, and all of it, against the same text in one piece.

import type pg from 'pg';
import { median } from './measure.ts';

export interface StreamFigures {
  /** Milliseconds from the call until the first row is at the client, until the last one is, and of the same text in one piece. */
  readonly first: number;
  readonly all: number;
  readonly whole: number;
  readonly rows: number;
  readonly tokens: number;
}

const TOKENS = 200;

/** Medians over texts of at most 200 tokens each. */
export async function measureStreams(client: pg.Client, texts: number): Promise<StreamFigures> {
  const figures: StreamFigures[] = [];
  // The first one opens the side channel, and does not count.
  for (let i = 0; i <= texts; i++) figures.push(await measureOne(client, `Write a long story about ${i + 2} foxes.`));
  const middle = (of: (one: StreamFigures) => number) => median(figures.slice(1).map(of));
  return {
    first: middle(({ first }) => first),
    all: middle(({ all }) => all),
    whole: middle(({ whole }) => whole),
    rows: middle(({ rows }) => rows),
    tokens: middle(({ tokens }) => tokens),
  };
}

async function measureOne(client: pg.Client, prompt: string): Promise<StreamFigures> {
  const [wholeBegun, answer] = [
    performance.now(),
    await client.query(`select steadytext_generate($1, ${TOKENS}, use_cache => false) as said`, [prompt]),
  ];
  const whole = performance.now() - wholeBegun;
  await client.query('begin');
  const begun = performance.now();
  await client.query(
    `declare streamed cursor for select steadytext_generate_stream('${prompt}', ${TOKENS}, use_cache => false) as said`,
  );
  let said = (await client.query('fetch 1 from streamed')).rows[0].said as string;
  const first = performance.now() - begun;
  let rows = 1;
  for (;;) {
    const { rows: next } = await client.query('fetch 1 from streamed');
    if (next.length === 0) break;
    said += next[0].said;
    rows++;
  }
  const all = performance.now() - begun;
  await client.query('commit');
  if (said !== answer.rows[0].said) throw new Error('Expected the rows to make up the text in one piece, they do not');
  const own = await client.query('select tokens_out from steadytext_requests order by id desc limit 1');
  return { first, all, whole, rows, tokens: own.rows[0].tokens_out };
}
