// What goes wrong with a provider and may go better later; what a call does that was not sent at all.

import { SteadyTextError } from '../../errors.ts';

/** An attempt that failed by no fault of its request. Holds words of ours only: what a provider says may quote a key or a prompt. */
export class ProviderFailure extends SteadyTextError {
  /** How long the provider asked to be left alone, milliseconds; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super('ProviderFailed', message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The provider is left alone for a while, and this call was not sent: its request goes back, with no attempt used. */
export class ProviderResting extends SteadyTextError {
  constructor(provider: string) {
    super('ProviderFailed', `${provider} is left alone for a while`);
  }
}
