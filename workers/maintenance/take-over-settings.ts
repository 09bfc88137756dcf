// The task that takes over the database's own settings, and tells what it could not: of each once, until that is another.

import type { Logger } from '../log.ts';
import type { QueueDatabase } from '../queue/database.ts';
import { mirrorSettings } from '../queue/mirror-settings.ts';

const NOT_TAKEN: readonly string[] = ['kept', 'refused', 'unknown'];

export function takeOverSettings(): (db: QueueDatabase, log: Logger) => Promise<void> {
  let told = new Map<string, string | null>();
  return async (db, log) => {
    const left = (await mirrorSettings(db)).filter(({ outcome }) => NOT_TAKEN.includes(outcome));
    for (const { name, outcome, detail } of left)
      if (told.get(name) !== detail) log.warn({ setting: name, outcome, detail }, 'setting not taken over');
    told = new Map(left.map(({ name, detail }) => [name, detail]));
  };
}
