// The batches that one encoder has: each turn one of them goes on by a group, so that a large batch lets the generations and the
// other batches beside it go on between two groups.

import type { Batch } from './batch.ts';
import type { Sequence } from './cut-text.ts';
import { nextBatch } from './next-batch.ts';

export class BatchLine<Result> {
  /** Those whose last turn is longest ago first. */
  readonly #batches: Batch<Result>[] = [];
  readonly #run: (group: readonly Sequence[]) => Promise<readonly Result[]>;
  #turns = 0;

  constructor(run: (group: readonly Sequence[]) => Promise<readonly Result[]>) {
    this.#run = run;
  }

  get size(): number {
    return this.#batches.length;
  }

  add(batch: Batch<Result>): Batch<Result>['ended']['promise'] {
    this.#batches.push(batch);
    return batch.ended.promise;
  }

  cancel(id: string): void {
    for (const batch of this.#batches) batch.cancel(id);
  }

  async turn(): Promise<void> {
    const next = nextBatch(
      this.#batches.map(({ left }) => left),
      this.#turns++,
    );
    const [batch] = this.#batches.splice(next, 1);
    if (!batch) return;
    this.#batches.push(batch);
    try {
      if (batch.left > 0 && batch.encode()) await batch.runGroup(this.#run);
      if (batch.left > 0) return;
      batch.ended.resolve(batch.output());
    } catch (error) {
      batch.ended.reject(error);
    }
    this.#batches.splice(this.#batches.indexOf(batch), 1);
  }

  end(error: Error): void {
    for (const batch of this.#batches.splice(0)) batch.ended.reject(error);
  }
}
