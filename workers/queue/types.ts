// What crosses the private worker API, in TypeScript's words. One row each of claim_requests and settle_requests.

/** Closed set: what a worker can say of a request it has finished with. The lifecycle itself is decided in SQL. */
export const OUTCOMES = ['completed', 'failed', 'retry'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const REQUEST_TYPES = [
  'generate',
  'embed',
  'rerank',
  'summarize',
  'extract_facts',
  'deduplicate_facts',
] as const;
export type RequestType = (typeof REQUEST_TYPES)[number];

/** How many requests of one type for one model a worker has room for. */
export interface ClaimDemand {
  readonly requestType: string;
  readonly model: string;
  readonly limit: number;
  /** Requests whose input has more tokens, as estimated, are large ones; of these it takes no more than `largeLimit`. */
  readonly largest: number;
  readonly largeLimit: number;
}

/** A request this worker holds a lease on. Lease tokens are bigint in PostgreSQL, strings here. */
export interface ClaimedRequest {
  readonly requestId: string;
  /** Names this claim in every later call; a later claim of the same request has a higher one. */
  readonly leaseToken: string;
  readonly requestType: string;
  readonly model: string;
  readonly prompt: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly userId: number;
  readonly retryCount: number;
  /** Run with no mates: an engine died holding this request before. */
  readonly isolated: boolean;
  /** Of its input, as estimated when it was enqueued. */
  readonly inputTokens: number;
  readonly traceparent: string | null;
  /** Of one user, equal for requests that must come to the same; null where that is not wanted. */
  readonly cacheKey: string | null;
}

export interface Settlement {
  readonly requestId: string;
  readonly leaseToken: string;
  readonly outcome: Outcome;
  /** Text, or JSON text for rerank. */
  readonly result?: string;
  /** 32-bit floats, written bit-exactly. */
  readonly embedding?: Float32Array;
  readonly error?: string;
  /** With outcome retry: the next attempt runs alone. */
  readonly isolate?: boolean;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  /** Claim to settle, milliseconds. */
  readonly processingMs?: number;
  readonly modelDigest?: string;
  readonly receipt?: Readonly<Record<string, unknown>>;
}
