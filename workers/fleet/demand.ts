// How many more requests this worker takes, by type and model.

import type { ClaimDemand } from '../queue/types.ts';

export interface Kind {
  readonly requestType: string;
  readonly model: string;
  /** Free places for it in the engines, those already claimed for it that wait for a place taken off. */
  readonly room: number;
  /** Requests of more input tokens are large, and have places of their own beside these. */
  readonly largest: number;
  readonly largeRoom: number;
}

/** Names a request type in a model, as a key of maps. */
export function kindKey({ requestType, model }: Pick<Kind, 'requestType' | 'model'>): string {
  return `${requestType} ${model}`;
}

/** Outcomes on their way to the database above which nothing more is claimed: a slow database slows the worker down. */
export const MOST_SETTLING = 4000;
/**
 * One claim asks for at most so many of a kind. Every claim walks past what earlier ones left dead in the index: in
 * one sitting, claims of 2000 drained 20,000 requests at 22 k/s (median of four), claims of 1000 at 16 k/s.
 */
export const MOST_PER_CLAIM = 2000;
/** And of so many while no outcome is on its way: the first of a burst begin, and their outcomes are written, while the next are claimed. */
export const MOST_PER_FIRST_CLAIM = 500;

export function demandsOf(kinds: readonly Kind[], settling: number): ClaimDemand[] {
  if (settling >= MOST_SETTLING) return [];
  const most = settling === 0 ? MOST_PER_FIRST_CLAIM : MOST_PER_CLAIM;
  return kinds
    .map(({ requestType, model, room, largest, largeRoom }) => ({
      requestType,
      model,
      limit: Math.min(room, most),
      largest,
      largeLimit: Math.max(0, largeRoom),
    }))
    .filter((demand) => demand.limit > 0);
}
