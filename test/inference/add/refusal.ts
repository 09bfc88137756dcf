// A model that cannot be added: what is said of it, by a dry run and by the whole one, and that nothing is left behind.

import { expect } from 'vitest';
import type { AddOptions } from '../../../workers/inference/add/add-model.ts';
import { filesBelow } from '../store/support.ts';
import { addWorld } from './support.ts';

export interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

/** The refusal, once it is seen that a dry run refuses it in the same words. */
export async function refusalOf(address: string, options: Partial<AddOptions> = {}): Promise<Refusal> {
  const { name, message, hint } = await lateRefusalOf(address, options);
  expect(await lateRefusalOf(address, { ...options, dryRun: true })).toMatchObject({ name, message, hint });
  return { name, message, hint };
}

/** Once it is seen that nothing was kept; of what only the whole run finds out. */
export async function lateRefusalOf(address: string, options: Partial<AddOptions> = {}): Promise<Refusal> {
  const { add, cacheDir, modelDir } = await addWorld();
  const refusal = await add(address, options).then(
    () => undefined,
    (error) => error,
  );
  expect(refusal, 'it was added').toBeDefined();
  expect([await filesBelow(cacheDir), await filesBelow(modelDir)]).toEqual([[], []]);
  expect(refusal).toMatchObject({ code: expect.stringMatching(/^ST/), hint: expect.stringMatching(/\w/) });
  return refusal;
}
