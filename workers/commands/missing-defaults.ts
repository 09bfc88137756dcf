// What a worker that starts can see and its users cannot: requests without a model go to a default that nobody serves, as
// after another model was configured and not made the default.

import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { QueueClient } from '../queue/client.ts';
import type { ServedModel } from '../queue/heartbeat-worker.ts';
import { namesOf } from '../queue/migrate/names.ts';
import { unservedDefaults } from '../queue/unserved-defaults.ts';

export interface MissingDefault {
  readonly kind: ServedModel['kind'];
  readonly default: string;
  /** The model of this kind that this worker serves, the first of several. */
  readonly served: string;
  /** For a member of steadytext_admin. */
  readonly statement: string;
}

/**
 * The defaults that will be served by nobody beside a worker with this configuration. Asked before it starts, on a connection
 * that is closed again: a worker that runs has all that it promised to keep to.
 */
export async function missingDefaults(
  config: Pick<Config, 'schema' | 'workerName' | 'textModel' | 'embeddingModel' | 'rerankingModel'> & {
    readonly databaseUrl: string;
  },
): Promise<MissingDefault[]> {
  const { privschema: privateSchema, extschema } = namesOf(config.schema);
  const name = `steadytext start ${config.workerName}`.slice(0, 63);
  const ours = { text: config.textModel, embedding: config.embeddingModel, reranking: config.rerankingModel };
  const db = new QueueClient({ url: config.databaseUrl, privateSchema, name });
  try {
    const unserved = await unservedDefaults(db);
    return unserved.flatMap(({ kind, name }) => {
      const served = ours[kind]?.[0];
      // Of a kind that it does not serve at all it has nothing to put in that one's place.
      if (served === undefined || ours[kind]?.includes(name)) return [];
      return [
        { kind, default: name, served, statement: `select ${extschema}.steadytext_set_default_model('${served}')` },
      ];
    });
  } finally {
    await db.close();
  }
}

/** Once it runs: the statement takes a model that a worker has registered. */
export function warnOfMissing(missing: readonly MissingDefault[], log: Logger): void {
  for (const fields of missing) log.warn({ ...fields }, 'default model not served');
}
