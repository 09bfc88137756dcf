// Where requests run: an engine process, or what stands in the place of one.

import type { ModelHost } from '../handlers/handler.ts';

export interface Seat {
  /** Where a model is run just now; undefined where this seat has it not, or not now. */
  host(model: string): ModelHost | undefined;
  /** Those that it runs just now. */
  readonly models: readonly ModelHost['model'][];
  /** A model that it runs, or ran a while ago: requests of it may still be here. */
  known(model: string): ModelHost['model'] | undefined;
  /** Requests that it has. */
  readonly load: number;
  /** Runs `work` as so many requests; rejects with EngineDied when what runs them ends before they do. */
  occupy(count: number, work: () => Promise<void>): Promise<void>;
  cancel(attemptId: string): void;
  /** Lets it end by itself for a while, then ends it. */
  close(graceMs: number): Promise<void>;
}
