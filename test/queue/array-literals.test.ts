import fc from 'fast-check';
import { expect, test } from 'vitest';
import { booleanArray, plainArray, textArray } from '../../workers/queue/array-literals.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

test('what is written is what PostgreSQL reads', async () => {
  const text = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', 'NULL', '\n', "'") }),
  );
  const row = fc.record({
    id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    number: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    flag: fc.boolean(),
    text,
  });
  await using client = await database.connect(database.workerUrl);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const written = rows.map((each) => ({
        ...each,
        id: String(each.id),
        text: each.text?.replaceAll('\0', '') ?? null,
      }));
      const { rows: read } = await client.query(
        'select * from unnest($1::bigint[], $2::int[], $3::boolean[], $4::text[]) as a (id, number, flag, text)',
        [
          plainArray(written.map(({ id }) => id)),
          plainArray(written.map(({ number }) => number)),
          booleanArray(written.map(({ flag }) => flag)),
          textArray(written.map(({ text }) => text)),
        ],
      );
      expect(read).toEqual(written);
    }),
    { numRuns: 200 },
  );
});
