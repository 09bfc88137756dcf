// As an ordinary user: the server runs as that user. When the tests run as root, they become one for this.
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { asOrdinaryUser, NOBODY, skipWhereClosed } from '../support/ordinary-user.ts';
import { emptyFolder, isRoot } from './world.ts';

const RUN = fileURLToPath(new URL('./ordinary-user-run.ts', import.meta.url));
// biome-ignore lint/suspicious/noExplicitAny: the child says what it is
let seen: any;

beforeEach((context) => {
  skipWhereClosed(context, dirname(RUN));
  if (seen) return;
  const folder = emptyFolder();
  chmodSync(folder, 0o777);
  const output = execFileSync(process.execPath, [RUN], {
    env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder },
    ...asOrdinaryUser,
    encoding: 'utf8',
  });
  seen = JSON.parse(output.trim().split('\n').at(-1)!);
});

test('the server runs as that user', () => {
  expect(seen.uid).toBe(isRoot ? NOBODY.uid : process.getuid!());
  expect(seen.account).toBeNull();
  expect(seen.dataOwner).toBe(seen.uid);
});

test('every folder is left to the system to refuse, and data lies in the user’s cache', () => {
  expect(seen.closed).toBeNull();
  expect(seen.dataFolder).toBe('/home/me/.cache/steadytext/postgres/18');
});

test('a folder that the user may not write is refused with what to do, and stays empty', () => {
  expect(seen.refusal).toMatchObject({ name: 'EmbeddedServerFailed', hint: expect.stringContaining('folder') });
  expect(seen.leftBehind).toEqual([]);
});

test('one that is there and cannot be read or written is not said to be missing', () => {
  for (const refusal of [seen.refusal, seen.refusalOfUnreadable])
    expect(refusal).toMatchObject({
      name: 'EmbeddedServerFailed',
      message: expect.stringMatching(/ is there and should be open to this user, but is not: EACCES/),
      hint: expect.stringContaining('--data'),
    });
});

test('a folder with files of the user’s own is refused as it is', () => {
  expect(seen.refusalOfUsed).toMatchObject({
    name: 'EmbeddedServerFailed',
    message: expect.stringMatching(/should be new, empty, or made by .* but holds owner, server\.log$/),
  });
  expect(seen.leftInUsed.sort()).toEqual([
    ['owner', 'Jane Doe'],
    ['server.log', 'Jane Doe'],
  ]);
});

test('a port that is kept for root is refused as that, and not as one in use', (context) => {
  if (seen.portRefusal === undefined) context.skip('this system keeps no port for root');
  expect(seen.portRefusal).toMatchObject({
    name: 'EmbeddedServerFailed',
    message: expect.stringMatching(/^Port \d+ should be one that the embedded server may listen on, but .*root's\)$/),
    hint: 'Give a --port from 1024 up, or leave it out to get a free one.',
  });
});
