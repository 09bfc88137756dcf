// A text in rows as it is generated, from the engine to the cursor: a worker with echo engines, which say a letter a turn.
import { expect, test } from 'vitest';
import { useQueue } from '../sql/support/queue.ts';
import { useSideChannel } from '../sql/support/sync.ts';
import { waitFor } from '../support/wait-for.ts';
import { type EchoEngine, echoEngine } from './support/echo-engine.ts';
import { startTestWorker } from './support/worker.ts';

const queue = useQueue();
useSideChannel(queue);

async function fleet(): Promise<EchoEngine[]> {
  const engines: EchoEngine[] = [];
  const startEngine = async () => {
    engines.push(echoEngine());
    return engines.at(-1)!;
  };
  await startTestWorker(queue.db, { startEngine });
  return engines;
}

async function streaming(prompt: string) {
  const session = await queue.session('alice');
  await session.rows(
    `begin; declare c cursor for select steadytext_generate_stream('${prompt}', use_cache => false) as said`,
  );
  return session;
}

const joined = (rows: readonly { said?: string }[]) => rows.map(({ said }) => said).join('');

test('texts that are made at once come in rows that make up each', async () => {
  await fleet();
  const texts = ['one two three', 'größer als', 'x'.repeat(300)];
  const sessions = await Promise.all(texts.map(streaming));
  const said = await Promise.all(sessions.map((session) => session.rows('fetch all from c')));
  expect(said.map(joined)).toEqual(texts);
  expect(said[2]!.length).toBeGreaterThan(1);
});

test('with the end of the reader’s transaction the engine stops, and nothing is left', async () => {
  const engines = await fleet();
  const alice = await streaming('forever');
  expect(joined(await alice.rows('fetch 3 from c'))).toMatch(/^forever/);
  expect(engines[0]!.generating.size).toBe(1);
  await alice.rows('commit');
  await waitFor(() => engines[0]!.generating.size === 0, 'the generation to end', 5000);
  const superuser = await queue.superuser();
  expect(await superuser.rows('select status from steadytext_queue')).toEqual([{ status: 'cancelled' }]);
  expect(await superuser.rows('select request_id from steadytext_private.stream_pieces')).toEqual([]);
});

test('an engine that dies in the middle is another attempt, whose text goes on where the reader is', async () => {
  const engines = await fleet();
  const text = Array.from({ length: 130 }, (_, i) => i).join(' ');
  const alice = await streaming(text);
  const begun = joined(await alice.rows('fetch 2 from c'));
  engines[0]!.crash({ signal: 'SIGSEGV' });
  const rest = joined(await alice.rows('fetch all from c'));
  expect(begun.length).toBeGreaterThan(0);
  expect(begun + rest).toBe(text);
  expect(engines.length).toBe(2);
});
