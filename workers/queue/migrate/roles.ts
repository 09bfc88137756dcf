// The roles of an installation: which there are, who includes whom, and how they come to be.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';

export const ROLES = [
  'steadytext_owner',
  'steadytext_reader',
  'steadytext_writer',
  'steadytext_admin',
  'steadytext_worker',
  'steadytext_scaler',
  'steadytext_metrics',
  'steadytext_auditor',
  'steadytext_sync',
  'steadytext_delegate',
] as const;
export type RoleName = (typeof ROLES)[number];

/** The second has everything the first has. */
const INCLUDED: readonly (readonly [RoleName, RoleName])[] = [
  ['steadytext_reader', 'steadytext_writer'],
  ['steadytext_writer', 'steadytext_admin'],
];

export function roleName(names: Names, role: RoleName): string {
  return `${names.roleprefix}${role}`;
}

/** SQL: the oid of our owner role; null before it is there. */
export function ownerOid(names: Names): string {
  return `(select oid from pg_roles where rolname = '${roleName(names, 'steadytext_owner')}')`;
}

/** The statements that make the missing roles, to be run as one transaction. Pure, so that they can be printed too. */
export function roleStatements(facts: Facts, names: Names): string[] {
  const missing = ROLES.map((role) => roleName(names, role)).filter((role) => !facts.roles.includes(role));
  const made = new Set(missing);
  return [
    ...missing.map((role) => `create role ${role} nologin;`),
    ...INCLUDED.map(([inner, outer]) => [roleName(names, inner), roleName(names, outer)] as const)
      .filter(([inner, outer]) => made.has(inner) || made.has(outer))
      .map(([inner, outer]) => `grant ${inner} to ${outer};`),
  ];
}

/** Lets the login that migrates act as the owner role. Since 16 the maker of a role only administers it and must say more. */
export function ownerGrant(facts: Facts, names: Names): string {
  const options = facts.serverVersion >= 160_000 ? ' with inherit true, set true' : '';
  return `grant ${roleName(names, 'steadytext_owner')} to ${facts.quotedLogin}${options};`;
}

/** Lets the owner role make its schemas. */
export function createGrant(facts: Facts, names: Names): string {
  return `grant create on database ${facts.quotedDatabase} to ${roleName(names, 'steadytext_owner')};`;
}

/**
 * All that an administrator of the server has to do where the migrating login may not create roles, or may not grant what
 * `further` grants. CREATEROLE is enough for whoever runs it only as long as nothing but roles is in it.
 */
export function administratorScript(facts: Facts, names: Names, further: readonly string[] = []): string {
  const granted = ROLES.filter((role) => role !== 'steadytext_owner').map((role) => roleName(names, role));
  const grants = new Set([...(facts.ownsDatabase ? [] : [createGrant(facts, names)]), ...further]);
  const runner = grants.size === 0 ? 'as a superuser or with CREATEROLE' : 'as a superuser';
  return [
    `-- Roles for the database ${facts.database}, migrated by ${facts.login}. Run it once, ${runner}.`,
    'begin;',
    ...roleStatements(facts, names),
    ownerGrant(facts, names),
    `grant ${granted.join(', ')} to ${facts.quotedLogin} with admin option;`,
    ...grants,
    'commit;',
    '',
  ].join('\n');
}

/** Makes what is missing, or throws RolesMissing with what an administrator has to run. Returns the statements run. */
export async function ensureRoles(client: Client, facts: Facts, names: Names): Promise<string[]> {
  assertRolesUsable(facts, names);
  const statements = roleStatements(facts, names);
  if (!facts.superuser && !facts.mayActAsOwner) statements.push(ownerGrant(facts, names));
  for (const statement of statements) await client.query(statement);
  return statements;
}

export function assertRolesUsable(facts: Facts, names: Names): void {
  const owner = roleName(names, 'steadytext_owner');
  const ready = ROLES.every((role) => facts.roles.includes(roleName(names, role)));
  const mayUseOwner = facts.mayActAsOwner || facts.administersOwner;
  if (facts.superuser || (ready && mayUseOwner)) return;
  if (facts.installedOwner === owner && !mayUseOwner) throw strangerError(facts, names);
  if (facts.roles.includes(owner) && !mayUseOwner) {
    // On 15 a CREATEROLE login could grant itself another installation's owner: refused there as on the later ones.
    throw new SteadyTextError(
      'RolesMissing',
      `The role ${owner} should be one that ${facts.login} may act as, but it belongs to another installation on this server`,
      {
        hint:
          `Give this database roles of its own with --role-prefix, such as --role-prefix ${suggestedPrefix(facts)}. To share the roles instead, ` +
          `an administrator runs: ${ownerGrant(facts, names)}`,
      },
    );
  }
  if (facts.mayCreateRoles) return;
  throw new SteadyTextError(
    'RolesMissing',
    `${facts.login} should have CREATEROLE, or the roles ${owner} and others should be there, but neither is so`,
    {
      hint: `An administrator of the server runs this script (also printed by "steadytext migrate --print-roles"), then migrate again:\n\n${administratorScript(facts, names)}`,
    },
  );
}

/** To a login that has nothing to do with the installation that is in its database. */
function strangerError(facts: Facts, names: Names): SteadyTextError {
  const owner = roleName(names, 'steadytext_owner');
  const members = facts.ownerMembers.join(' or ') || 'a superuser';
  return new SteadyTextError(
    'MissingRights',
    `The login ${facts.login} should be one that may act as ${owner}, to which the schema ${names.privschema} in ${facts.database} belongs, but may not`,
    {
      hint: `Migrate with ${members}, in STEADYTEXT_ADMIN_URL. To let ${facts.login} migrate too, an administrator runs: ${ownerGrant(facts, names)}`,
    },
  );
}

function suggestedPrefix(facts: Facts): string {
  const word = facts.database
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, 40);
  return /^(pg_|[0-9])/.test(word) ? `${`_${word}`.slice(0, 40)}_` : `${word}_`;
}
