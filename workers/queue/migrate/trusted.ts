// Who could replace our functions anyhow, and so is no stranger to our rows. SQL text, for the questions that need it.
import type { Names } from './names.ts';
import { ownerOid } from './roles.ts';

/** Whether a role, given by an expression of its oid, is a superuser, or the database's owner or our owner role or a member of one. */
export function isTrusted(role: string, names: Names): string {
  return `(pg_has_role(${role}, ${ownerOid(names)}, 'member')
    or pg_has_role(${role}, (select datdba from pg_database where datname = current_database()), 'member'))`;
}
