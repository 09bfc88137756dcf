// A lease as the worker API names it: the request and the token of this claim.

import { plainArray, readPlainArray } from './array-literals.ts';

export interface Lease {
  readonly requestId: string;
  readonly leaseToken: string;
}

/** The two parameters p_request_ids and p_lease_tokens. */
export function leaseArrays(leases: readonly Lease[]): [ids: string, tokens: string] {
  return [plainArray(leases.map((lease) => lease.requestId)), plainArray(leases.map((lease) => lease.leaseToken))];
}

/** One row with `array_agg(request_id)::text as ids`: a thousand rows of one id each take several times as long on both sides. */
export function idsOf(rows: readonly { readonly ids: string | null }[]): Set<string> {
  return new Set(readPlainArray(rows[0]?.ids ?? '{}'));
}
