// Many requests from a file: COPY is refused on the queue, and the way round it is the one that docs/lifecycle.md shows.
import pg from 'pg';
import { expect, test } from 'vitest';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

/** The driver's own answer to the server's wish for rows is that there are none. */
class CopyIn extends pg.Query {
  readonly #rows: Buffer;
  constructor(statement: string, rows: string, done: (error: Error | undefined) => void) {
    super(statement, undefined, done);
    this.#rows = Buffer.from(rows);
  }
  handleCopyInResponse(connection: { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }): void {
    connection.sendCopyFromChunk(this.#rows);
    connection.endCopyFrom();
  }
}

function copyIn({ client }: Session, statement: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, rows, (error) => (error ? reject(error) : resolve())));
  });
}

test('into the queue it is refused, also with the columns that an insert may name', async () => {
  const alice = await queue.session('alice');
  for (const columns of ['', ' (prompt, request_type)'])
    expect(await refusal(alice, `copy steadytext_queue${columns} from stdin`)).toMatchObject({
      code: expect.stringMatching(/^(0A000|42501)$/),
    });
  expect(await refusal(alice, 'copy steadytext_queue (prompt, request_type) from stdin')).toMatchObject({
    code: '0A000',
    message: 'COPY FROM not supported with row-level security',
  });
});

test('into a table of one’s own, and then the batch function, as the page shows', async () => {
  const alice = await queue.session('alice');
  const shown = fencedBlocks(readText('docs/lifecycle.md'), 'sql').find((block) => /^copy /m.test(block))!;
  const [create, copy, enqueue, ...more] = shown.trimEnd().split(/;\n?/);
  expect(more).toEqual(['']);
  await alice.rows(create!);
  await copyIn(alice, copy!, 'the first\nthe second\n');
  const ids = await alice.value(enqueue!);
  const prompts =
    'select prompt from steadytext_requests where request_id = any ($1) order by array_position($1, request_id)';
  expect(await alice.rows(prompts, [ids])).toEqual([{ prompt: 'the first' }, { prompt: 'the second' }]);
});
