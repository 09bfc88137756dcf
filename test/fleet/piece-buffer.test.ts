import { expect, onTestFinished, test } from 'vitest';
import { HeldRequests } from '../../workers/fleet/held-requests.ts';
import { PieceBuffer } from '../../workers/fleet/piece-buffer.ts';
import type { Piece } from '../../workers/queue/write-pieces.ts';
import { generation, silent, until } from './support/parts.ts';

type Write = (pieces: readonly Piece[]) => Promise<readonly Piece[]>;

function buffering(write: Write = async (pieces) => pieces) {
  const held = new HeldRequests();
  const sent: Piece[][] = [];
  const buffer = new PieceBuffer({
    ...{ held, log: silent, everyMs: 5, askMs: 20 },
    write: async (pieces) => {
      sent.push([...pieces]);
      return new Set((await write(pieces)).map(({ requestId }) => requestId));
    },
  });
  onTestFinished(() => buffer.close());
  const running = () => {
    const one = held.add(generation('x'));
    one.state = 'running';
    return one;
  };
  const texts = () => sent.map((pieces) => pieces.map(({ start, text }) => [start, text]));
  return { held, buffer, sent, texts, running };
}

test('what comes within a pause is one statement for all, counted in characters as PostgreSQL does', async () => {
  const { buffer, running, sent, texts } = buffering();
  const [one, two] = [running(), running()];
  buffer.add(one, '');
  buffer.add(one, 'a\u{1f600}');
  buffer.add(two, 'b');
  buffer.add(one, 'ö');
  await until('the first statement', () => sent.length === 1);
  buffer.add(one, 'c');
  await until('the second one', () => sent.length === 2);
  expect(texts()).toEqual([
    [
      [0, 'a\u{1f600}ö'],
      [0, 'b'],
    ],
    [
      [3, 'c'],
      [1, ''],
    ],
  ]);
});

test('what was not written is sent again from the same place, with what has come since', async () => {
  let lost = true;
  const { buffer, running, sent, texts } = buffering(async (pieces) => {
    if (lost) throw new Error('Connection terminated');
    return pieces;
  });
  const one = running();
  buffer.add(one, 'a');
  await until('the first statement', () => sent.length === 1);
  lost = false;
  buffer.add(one, 'b');
  await until('the second one', () => sent.length === 2);
  expect(texts()[1]).toEqual([[0, 'ab']]);
});

test('what nobody reads any more is not written again, and a quiet text is asked for', async () => {
  const { buffer, running, sent, texts } = buffering(async (pieces) => pieces.filter(({ text }) => text !== 'last'));
  const [one, other] = [running(), running()];
  buffer.add(one, '');
  await until('it is asked twice', () => sent.length === 2);
  expect(texts()).toEqual([[[0, '']], [[0, '']]]);
  buffer.add(one, 'last');
  await until('it is written', () => texts().at(-1)?.[0]?.[1] === 'last');
  buffer.add(one, 'more');
  buffer.add(other, 'a');
  await until(
    'the other is',
    () =>
      texts()
        .at(-1)
        ?.some(([, text]) => text === 'a') === true,
  );
  expect(texts().at(-1)).toEqual([[0, 'a']]);
});

test('a piece that PostgreSQL cannot store takes no other along', async () => {
  const { buffer, running, sent } = buffering(async (pieces) => {
    if (pieces.some(({ text }) => text.includes('\0'))) throw Object.assign(new Error('NUL'), { code: '22021' });
    return pieces;
  });
  const [bad, good] = [running(), running()];
  buffer.add(bad, '\0');
  buffer.add(good, 'a');
  await until('each is sent by itself', () => sent.length === 3);
  buffer.add(bad, 'b');
  buffer.add(good, 'c');
  await until('the other goes on', () => sent.length === 4);
  expect(sent[3]!.map(({ text }) => text)).toEqual(['c']);
});

test('of what has ended, or is another’s by now, nothing more is sent', async () => {
  const { buffer, held, running, sent } = buffering();
  const [ended, lost, left] = [running(), running(), running()];
  for (const one of [ended, lost, left]) buffer.add(one, 'a');
  held.markSettling(ended);
  held.remove(lost);
  await until('it is sent', () => sent.length === 1);
  expect(sent[0]!.map(({ requestId }) => requestId)).toEqual([left.requestId]);
});
