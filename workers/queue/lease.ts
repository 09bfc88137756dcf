// A lease as the worker API names it: the request and the token of this claim.

export interface Lease {
  readonly id: string;
  readonly leaseToken: string;
}

export function leaseArrays(leases: readonly Lease[]): [ids: string[], tokens: string[]] {
  return [leases.map((lease) => lease.id), leases.map((lease) => lease.leaseToken)];
}
