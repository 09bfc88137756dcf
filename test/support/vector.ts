// pgvector in a test's database. Tests that need it skip themselves, with the reason, where it cannot be had.
import { beforeAll, beforeEach, inject } from 'vitest';
import { fetchVector } from '../../workers/commands/fetch-vector.ts';
import { environment } from '../../workers/config.ts';
import { silentProgress } from '../../workers/inference/store/progress.ts';
import type { TestDatabase } from './database.ts';
import { VECTOR_FOLDER } from './vector-place.ts';

/** To be called at the top of a test file, behind what makes its database. */
export function useVector(db: TestDatabase): void {
  let missing: string | undefined;
  beforeAll(async () => {
    missing = await whyMissing();
    if (missing === undefined) await db.query(db.superuserUrl, 'create extension vector schema public');
    // A slow package index is waited for.
  }, 300_000);
  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });
}

async function whyMissing(): Promise<string | undefined> {
  if (inject('serverVersion') !== 18) return 'pgvector can be had for the embedded PostgreSQL 18 only';
  try {
    await fetchVector(VECTOR_FOLDER, environment(), silentProgress);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
