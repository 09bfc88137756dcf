// The roles of an installation: which there are, who includes whom, and how they come to be.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Facts } from './facts.ts';
import type { Names } from './names.ts';
import type { NotGranted } from './search-path.ts';

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

export function missingRoles(facts: Facts, names: Names): string[] {
  return ROLES.map((role) => roleName(names, role)).filter((role) => !facts.roles.includes(role));
}

/** The statements that make the missing roles and memberships, to be run as one transaction. Pure, so that they can be printed too. */
export function roleStatements(facts: Facts, names: Names): string[] {
  return [
    ...missingRoles(facts, names).map((role) => `create role ${role} nologin;`),
    ...missingInclusions(facts, names).map(({ statement }) => statement),
  ];
}

/** Those of the statements that the login may run. */
export function ownStatements(facts: Facts, names: Names): string[] {
  const others = new Set(notIncluded(facts, names).map(({ statement }) => statement));
  return roleStatements(facts, names).filter((statement) => !others.has(statement));
}

/** The others: one that the login may make, it may grant too. */
export function notIncluded(facts: Facts, names: Names): NotGranted[] {
  return missingInclusions(facts, names)
    .filter(({ inner }) => facts.roles.includes(inner) && !facts.grantable.includes(inner))
    .map(({ inner, outer, statement }) => ({ what: `the rights of ${inner} to ${outer}`, statement }));
}

/**
 * Taken away by hand, or lost on the way to another server: a dump of 15 grants them in the name of who did so there, which a
 * newer server refuses of whoever does not administer the role.
 */
function missingInclusions(facts: Facts, names: Names) {
  // Said since 16: a membership that is there without it would stay so.
  const options = facts.serverVersion >= 160_000 ? ' with inherit true' : '';
  return INCLUDED.map(([inner, outer]) => ({ inner: roleName(names, inner), outer: roleName(names, outer) }))
    .filter(({ inner, outer }) => !facts.included.some(([one, other]) => one === inner && other === outer))
    .map((pair) => ({ ...pair, statement: `grant ${pair.inner} to ${pair.outer}${options};` }));
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
  const statements = ownStatements(facts, names);
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
