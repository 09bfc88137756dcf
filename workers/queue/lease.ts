// A lease as the worker API names it: the request and the token of this claim.

import { numberArray } from './array-literals.ts';

export interface Lease {
  readonly id: string;
  readonly leaseToken: string;
}

/** The two parameters p_ids and p_lease_tokens. */
export function leaseArrays(leases: readonly Lease[]): [ids: string, tokens: string] {
  return [numberArray(leases.map((lease) => lease.id)), numberArray(leases.map((lease) => lease.leaseToken))];
}
