// A process that opens a store, does one thing and prints what came of it, for tests that kill it or run it out of space.

import { openModelStore } from '../../../workers/inference/store/model-store.ts';

const [verb, model, options] = process.argv.slice(2) as ['pull' | 'sourceFiles', string, string];

try {
  console.log(JSON.stringify({ files: await openModelStore(JSON.parse(options))[verb](model) }));
} catch (error) {
  const { name, message, hint } = error as Error & { hint?: string };
  console.log(JSON.stringify({ error: { name, message, hint } }));
}
