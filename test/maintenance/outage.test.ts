// Periodic work while the database is away.

import { createServer } from 'node:net';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { createDevDatabase } from '../../workers/dev/dev-database.ts';
import { MAINTENANCE_QUEUES } from '../../workers/maintenance/queues.ts';
import { emptyFolder, start } from '../dev/world.ts';
import { waitFor } from '../support/wait-for.ts';
import { startListened } from './listened.ts';

test('a database that is away is told once, however often it is asked, and once more the next time', async () => {
  const server = await start({ version: inject('serverVersion'), dataDir: emptyFolder() });
  const { workerUrl: url } = await createDevDatabase(server, { queues: MAINTENANCE_QUEUES });
  const { maintenance, warnings } = startListened(url);
  await waitFor(() => maintenance.running, 'pg-boss to run');

  await server.kill();
  // In its place something that counts who asks, and hangs up.
  let asked = 0;
  const place = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  onTestFinished(() => void place.close());
  await new Promise<void>((resolve) => place.listen(server.port, '127.0.0.1', resolve));
  await waitFor(() => asked >= 12, 'pg-boss to ask again and again');
  const told = ['pg-boss', { reason: expect.any(String) }];
  expect(warnings).toEqual([told]);

  // Two minutes without an error: it was back in between.
  const clock = performance.now.bind(performance);
  const later = vi.spyOn(performance, 'now').mockImplementation(() => clock() + 121_000);
  onTestFinished(() => later.mockRestore());
  await waitFor(() => warnings.length > 1, 'the next time away to be told');
  const askedThen = asked;
  await waitFor(() => asked >= askedThen + 4, 'pg-boss to ask again and again');
  expect(warnings).toEqual([told, told]);
});
