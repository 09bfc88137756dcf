// Acting as the owner role, to whom everything belongs.
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';
import { roleName } from './roles.ts';

/** Until the transaction or `set local role` says otherwise. */
export async function actAsOwner(client: Client, names: Names): Promise<void> {
  await client.query(`set local role ${roleName(names, 'steadytext_owner')}`);
}

export function mayActAs(facts: Facts, names: Names): boolean {
  return facts.mayActAsOwner && facts.roles.includes(roleName(names, 'steadytext_owner'));
}
