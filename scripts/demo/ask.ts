// The SQL half of the demo: an ordinary login enqueues, sleeps until a notice comes, and reads its own results.

import pg from 'pg';
import { environment, loadConfig } from '../../workers/config.ts';
import { openApiConnection } from '../../workers/queue/api/api-connection.ts';
import { type FinishedRequest, listenForResults } from '../../workers/queue/api/await-result.ts';

interface Noticed extends FinishedRequest {
  /** performance.now() when it was known to be finished. */
  readonly noticedAt: number;
}

const LONGEST_WAIT_SECONDS = 120;

// `npm run demo` runs this file with DATABASE_URL.
const { databaseUrl: url, schema } = loadConfig(environment(), {}, ['databaseUrl']);
// The statements that are shown run as shown, on a connection as anybody has it; another one listens.
const db = new pg.Client({ connectionString: url, application_name: 'steadytext demo' });
const results = await openApiConnection({ url, schema, name: 'steadytext demo results' });
const resultOf = await listenForResults(results);
await db.connect();
try {
  const { rows } = await db.query('select rolname, rolsuper, version() from pg_roles where rolname = current_user');
  say(
    `Logged in as "${rows[0].rolname}", superuser: ${rows[0].rolsuper ? 'yes' : 'no'}. ${rows[0].version.split(' on ')[0]}.`,
  );

  const generate = 'select steadytext_generate_async($1, max_tokens => 80) as id';
  for (const prompt of [
    'Name the capital of France in one sentence.',
    'Give me a title for a story about a lighthouse keeper.',
    'Explain in one sentence what a database index is for.',
  ]) {
    say(`\nsql> ${generate}   -- ${JSON.stringify(prompt)}`);
    const enqueued = performance.now();
    const [answer] = await finished(await ids(generate, [prompt]));
    say(`  ${answer!.result!.trim().replaceAll('\n', '\n  ')}`);
    source(answer!, enqueued);
  }

  const sentences = ['A cat sleeps on the sofa.', 'A kitten naps on a couch.', 'Interest rates rose again in March.'];
  const embed = 'select unnest(steadytext_embed_batch_async($1)) as id';
  say(`\nsql> ${embed}   -- ${sentences.length} texts, one insert`);
  const embedded = performance.now();
  const vectors = await finished(await ids(embed, [sentences]));
  for (const [index, text] of sentences.entries()) {
    const cosine = dot(vectors[0]!.embedding!, vectors[index]!.embedding!).toFixed(3);
    say(`  ${cosine}  ${text}${index === 0 ? `   (${vectors[0]!.embedding!.length} numbers; cosine to itself)` : ''}`);
  }
  source(vectors.at(-1)!, embedded);

  const query = 'How do I make a backup of my database?';
  const documents = [
    'The garden needs water twice a week in summer.',
    'pg_dump writes a consistent copy of a database to a file.',
    'An index makes looking up rows faster.',
  ];
  const rerank = 'select steadytext_rerank_async($1, $2) as id';
  say(`\nsql> ${rerank}   -- ${JSON.stringify(query)}, ${documents.length} documents`);
  const ranked = performance.now();
  const [ranking] = await finished(await ids(rerank, [query, documents]));
  for (const { score, document } of JSON.parse(ranking!.result!) as { score: number; document: string }[])
    say(`  ${score.toFixed(3)}  ${document}`);
  source(ranking!, ranked);
  say(
    '\nThese are small models that run anywhere: SmolLM2 has 135 million parameters and is often wrong. Check what it says.',
  );
} finally {
  await Promise.all([db.end(), results.close()]);
}

async function ids(statement: string, values: readonly unknown[]): Promise<string[]> {
  return (await db.query<{ id: string }>(statement, [...values])).rows.map((row) => row.id);
}

/** Waits for all of these and gives them in order. */
function finished(requestIds: readonly string[]): Promise<Noticed[]> {
  return Promise.all(
    requestIds.map(async (id) => {
      const row = await resultOf(id, LONGEST_WAIT_SECONDS);
      if (row.status !== 'completed') throw new Error(`Request ${id} ${row.status}: ${row.error}`);
      return { ...row, noticedAt: performance.now() };
    }),
  );
}

/** Where a result came from, and how long it took: from the enqueueing statement to the notice, and on the worker. */
function source(row: Noticed, enqueued: number): void {
  const total = (row.noticedAt - enqueued).toFixed(0);
  const tokens = row.tokens_out ? `, ${row.tokens_in} tokens in, ${row.tokens_out} out` : `, ${row.tokens_in} tokens`;
  say(
    `  -- ${row.model} (digest ${row.model_digest?.slice(0, 12)}…), ${total} ms, ${row.processing_time_ms} ms on the worker${tokens}`,
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
