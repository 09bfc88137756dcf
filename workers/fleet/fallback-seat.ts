// The place of text models that could not be loaded, where a fallback is asked for: their requests get words that no model made,
// and receipts that say so.

import { fallbackOrigin } from '../handlers/receipt.ts';
import { fallbackEngine, fallbackModel } from '../inference/fallback/fallback-engine.ts';
import { HostingSeat } from './hosting-seat.ts';

export class FallbackSeat extends HostingSeat {
  protected readonly isThere = true;

  constructor(names: readonly string[]) {
    super(names.map((name) => ({ engine: fallbackEngine, model: fallbackModel(name), origin: fallbackOrigin(name) })));
  }

  cancel(): void {}

  async close(): Promise<void> {}
}
