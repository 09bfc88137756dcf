// A lease as the worker API names it: the request and the token of this claim.

import { numberArray, readNumberArray } from './array-literals.ts';

export interface Lease {
  readonly id: string;
  readonly leaseToken: string;
}

/** The two parameters p_ids and p_lease_tokens. */
export function leaseArrays(leases: readonly Lease[]): [ids: string, tokens: string] {
  return [numberArray(leases.map((lease) => lease.id)), numberArray(leases.map((lease) => lease.leaseToken))];
}

/** One row with `array_agg(id)::text as ids`: a thousand rows of one id each take several times as long on both sides. */
export function idsOf(rows: readonly { readonly ids: string | null }[]): Set<string> {
  return new Set(readNumberArray(rows[0]?.ids ?? '{}'));
}
