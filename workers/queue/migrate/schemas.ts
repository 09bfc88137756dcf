// The schemas of an installation and the right of its owner role to make them.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';
import { administratorScript, createGrant, missingRoles, roleName } from './roles.ts';

/** Run as the login: it owns the database, or an administrator has given the owner role what it needs. */
export async function ensureOwnerMayCreate(client: Client, facts: Facts, names: Names): Promise<void> {
  const owner = roleName(names, 'steadytext_owner');
  await ensure(client, facts, names, {
    asked: `select has_database_privilege('${owner}', current_database(), 'create') as held`,
    statement: createGrant(facts, names),
    what: `${owner} should be allowed to make schemas in the database ${facts.database}`,
  });
  const schema = names.extschema;
  await ensure(client, facts, names, {
    asked: `select to_regnamespace('${schema}') is null
                or has_schema_privilege('${owner}', to_regnamespace('${schema}')::oid, 'create')
               and has_schema_privilege('${owner}', to_regnamespace('${schema}')::oid, 'usage') as held`,
    statement: `grant usage, create on schema ${schema} to ${owner};`,
    what: `${owner} should be allowed to make objects in the schema ${schema}, which is not its own`,
  });
}

interface Need {
  readonly asked: string;
  readonly statement: string;
  readonly what: string;
}

async function ensure(client: Client, facts: Facts, names: Names, need: Need): Promise<void> {
  const held = async () => ((await client.query(need.asked)).rows[0] as { held: boolean }).held;
  if (await held()) return;
  // Without any right this is an error, with some right only a warning: asked again in both cases.
  await client.query('savepoint before_grant');
  const refused = await client.query(need.statement).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused) await client.query('rollback to savepoint before_grant');
  if (await held()) return;
  throw new SteadyTextError('MissingRights', `${need.what}, and ${facts.login} has no right to allow it`, {
    hint: remedy(facts, names, need.statement),
    cause: refused,
  });
}

/** The roles that this attempt made go with its transaction: then the statement alone would name one that is not there. */
function remedy(facts: Facts, names: Names, statement: string): string {
  const rolesStay = missingRoles(facts, names).length === 0 && (facts.superuser || facts.mayActAsOwner);
  if (rolesStay) return `The owner of the database or a superuser runs: ${statement}`;
  return `An administrator of the server runs this script, then migrate again:\n\n${administratorScript(facts, names, [statement])}`;
}

/** Run as the owner role, so that it owns them. */
export async function makeSchemas(client: Client, names: Names): Promise<void> {
  for (const schema of [names.extschema, names.privschema]) {
    // IF NOT EXISTS alone would ask for the right to make schemas even where there is nothing to make.
    const { rows } = await client.query(`select to_regnamespace('${schema}') is null as missing`);
    if ((rows[0] as { missing: boolean }).missing) await client.query(`create schema ${schema}`);
  }
  // A function that a migration drops and its file makes again must not be open to everybody until the grants run.
  await client.query('alter default privileges revoke execute on functions from public');
}
