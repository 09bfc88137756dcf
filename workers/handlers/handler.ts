// The contract of a request type: what the fleet needs to know to run its requests. One file per type in this folder.

import type { Config } from '../config.ts';
import type { ModelCalls, ModelKind, ServedModel } from '../inference/engine.ts';
import type { ClaimedRequest, Settlement } from '../queue/types.ts';
import type { Receipt } from './receipt.ts';

/** One attempt at a request: its parsed input, and the name that it has in an engine. */
export interface Attempt<Input> {
  /** Names the attempt in `engine.cancel`. */
  readonly id: string;
  readonly input: Input;
  /** For what runs under other names than its own: `stop` is called when it is cancelled. */
  readonly onCancel?: (stop: () => void) => void;
}

/** A model where it is run, and what results made there say of their origin. */
export interface ModelHost {
  readonly engine: ModelCalls;
  readonly model: ServedModel;
  readonly origin: Receipt;
}

/** How an attempt ended; the fleet adds the lease and the time. */
export type Ending = Omit<Settlement, 'requestId' | 'leaseToken' | 'processingMs'>;
/** Tells that the engine has begun an attempt, or, with false, that it had to give way and waits again: for request types with `Capacity.unbegun`. */
export type Begin<Input> = (attempt: Attempt<Input>, begun: boolean) => void;
/** A piece of the text of an attempt that a user reads while it is made; an empty one as its engine begins it. */
export type Show<Input> = (attempt: Attempt<Input>, piece: string) => void;
export type Settle<Input> = (attempt: Attempt<Input>, ending: Ending) => void;

export interface Capacity {
  /** Attempts that one engine has at once in one model, those behind the running call counted. */
  readonly perEngine: number;
  /**
   * How many of them an engine may not have begun yet; left out, any number. What waits in an engine is out of the reach of
   * idle ones, of other workers, and of the fair order between users.
   */
  readonly unbegun?: number;
  /** Attempts in one call of `run`. */
  readonly perCall: number;
  /**
   * Requests of more input tokens, as estimated, are large: an engine has few of them, each in a call of its own, and beside them
   * places for the others. Without it a handful of long documents keeps everybody waiting until all of them have ended.
   */
  readonly large?: { readonly above: number; readonly perEngine: number };
}

export type CapacityConfig = Pick<Config, 'generateSlots' | 'embedBatch' | 'kvCacheMb'>;

export interface Handler<Input = unknown> {
  readonly requestType: string;
  /** The kinds of models that run it. */
  readonly kinds: readonly ModelKind[];
  /** What an engine, or a provider, has places for, of this type in one of its models. */
  capacity(config: CapacityConfig, model: ServedModel): Capacity;
  /** Throws InvalidInput: the request fails at once, no attempt could go better. */
  parse(request: ClaimedRequest): Input;
  /**
   * Runs attempts of one model, and settles each as it ends. An attempt that was cancelled is left unsettled. A throw
   * means all that were not settled failed: alone, the error decides between failed and retry; with mates, each is run
   * again by itself.
   */
  run(
    attempts: readonly Attempt<Input>[],
    host: ModelHost,
    settle: Settle<Input>,
    begin: Begin<Input>,
    show?: Show<Input>,
  ): Promise<void>;
}
