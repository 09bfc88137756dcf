// Files that take longest begin first: one of them that began last would keep a core waiting for a minute or two.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of twenty seconds and more on two cores, the longest first. */
const LONGEST = [
  'inference/engine/real-models.e2e',
  'commands/dev',
  'dev/embedded-server',
  'commands/build',
  'demo/demo',
  'quality/perplexity',
  'dev/whose-folder',
  'commands/lost-output',
  'commands/dev-worker',
  'inference/engine/determinism',
  'inference/add/add-model',
  'fault/model-files',
  'fault/real-engines.e2e',
  'dev/root-folder',
  'stress/default-models.e2e',
  'migrate/present',
  'sql/role-pairs',
  'migrate/shape',
  'sql/crowds',
  'inference/engine/constrained',
  'inference/convert/convert-model',
  'cli/models-closed',
  'inference/convert/mutated-sources',
  'inference/measure/models-bench',
  'migrate/install',
  'migrate/roles',
  'migrate/locks',
  'migrate/together',
  'migrate/upgrades',
  'migrate/data-alone',
].map((name) => `/test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
