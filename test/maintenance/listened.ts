// Periodic work under test: started against a database, with what it warns of kept, and stopped after the test.

import { onTestFinished } from 'vitest';
import { startMaintenance } from '../../workers/maintenance/maintenance.ts';
import { silent } from '../fleet/support/parts.ts';

export function startListened(url: string) {
  const warnings: unknown[] = [];
  const log = {
    ...silent,
    warn: (fields: object, event: string) => warnings.push([event, fields]),
    child: () => silent,
  };
  const maintenance = startMaintenance({ url, schema: 'steadytext', log, pollSeconds: 0.5 });
  onTestFinished(() => maintenance.stop());
  return { maintenance, warnings };
}
