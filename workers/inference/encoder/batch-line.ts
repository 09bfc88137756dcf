// The batches that one model has: each turn one of them goes on by a group, so that a large batch lets the generations and the
// other batches beside it go on between two groups. A group that takes several turns has them one after another: what it holds
// meanwhile is held once.

import type { Batch, RunGroup } from './batch.ts';
import { nextBatch } from './next-batch.ts';

export class BatchLine<Result> {
  /** Those whose last turn is longest ago first. */
  readonly #batches: Batch<Result>[] = [];
  readonly #run: RunGroup<Result>;
  #turns = 0;

  constructor(run: RunGroup<Result>) {
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
    const [batch] = this.#batches.splice(this.#next(), 1);
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

  #next(): number {
    const begun = this.#batches.findIndex(({ goesOn }) => goesOn);
    if (begun >= 0) return begun;
    return nextBatch(
      this.#batches.map(({ left }) => left),
      this.#turns++,
    );
  }

  end(error: Error): void {
    for (const batch of this.#batches.splice(0)) batch.ended.reject(error);
  }
}
