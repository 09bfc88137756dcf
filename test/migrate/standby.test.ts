// Migrate against a real standby: a server that was stopped and came back with standby.signal.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { ask, emptyFolder, start } from '../dev/world.ts';
import { project } from './world.ts';

test('a standby is named as one, whether anything is to do there or not, and migrated once it is a primary', async () => {
  const server = await start({ version: inject('serverVersion'), dataDir: emptyFolder() });
  await ask(server.superuserUrl, 'create database installed');
  await ask(server.superuserUrl, 'create database empty');
  const places = ['installed', 'empty'].map((name) => ({
    url: server.url('postgres', server.passwords.postgres, name),
    root: project(),
  }));
  await migrate(places[0]!);
  writeFileSync(join(server.dataDir, 'data', 'standby.signal'), '');
  await server.restart();

  for (const place of places) {
    for (const check of [false, true]) {
      await expect(migrate({ ...place, check })).rejects.toMatchObject({
        code: 'ST070',
        message: 'The server should be a primary, since migrating needs one, but is a standby',
        hint: 'Give the address of the primary.',
      });
    }
  }
  await ask(server.superuserUrl, 'select pg_promote()');
  expect(await Promise.all(places.map(async (place) => (await migrate(place)).changed))).toEqual([false, true]);
});
