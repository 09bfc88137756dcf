import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
const database = useDatabase();
test('a clone has nothing to migrate', async () => {
  const report = await migrate({ url: database.adminUrl });
  console.log(report);
  expect(report.changed).toBe(false);
});
