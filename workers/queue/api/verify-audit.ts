// Whether the audit log is what was sealed, and who signed the seals: what the database says, by functions that are those of this release.

import { basename } from 'node:path';
import { fillPlaceholders, namesOf } from '../migrate/names.ts';
import { readSources } from '../migrate/source-files.ts';
import { SEAL, type Seal } from '../unsigned-seals.ts';
import type { ApiConnection } from './api-connection.ts';

export interface AuditVerdict {
  readonly intact: boolean;
  readonly problem: string | null;
  readonly seal: string | null;
  readonly row_id: string | null;
  readonly epochs: number;
  readonly seals: string;
  readonly signed: string;
  readonly sealed_rows: string;
  readonly dropped_rows: string;
  readonly unsealed_rows: string;
}

const COMPUTING = [
  'steadytext_verify_audit',
  'verify_seal',
  'verify_sealed_rows',
  'audit_seal_hash',
  'audit_digest',
  'audit_row_digest',
  'audit_text_digest',
];

/** Of the functions that a verdict comes from, those that are not as this release has them: who could change rows could change these. */
export async function otherFunctions(db: ApiConnection): Promise<string[]> {
  const names = namesOf(db.schema);
  const rows = await db.query<{ name: string; body: string }>(
    `select proname::text as name, prosrc as body from pg_proc
     where proname = any ($1) and pronamespace = any (array[to_regnamespace($2), to_regnamespace($3)])`,
    [COMPUTING, names.extschema, names.privschema],
  );
  const bodies = new Map(rows.map(({ name, body }) => [name, body]));
  return readSources()
    .present.filter(({ path }) => COMPUTING.includes(basename(path, '.sql')))
    .filter(({ path, text }) => {
      const [, body] = /\bas \$\$([\s\S]*)\$\$;/.exec(fillPlaceholders(text, names, path)) ?? [];
      return bodies.get(basename(path, '.sql')) !== body;
    })
    .map(({ path }) => basename(path, '.sql'));
}

export async function verifyAudit(db: ApiConnection): Promise<AuditVerdict> {
  return (await db.query<AuditVerdict>(`select * from ${db.schema}.steadytext_verify_audit()`))[0]!;
}

const PAGE = 10_000;

/** All seals, in their order. */
export async function* readSeals(db: ApiConnection): AsyncGenerator<Seal> {
  for (let after = '0'; ; ) {
    const seals = await db.query<Seal>(
      `select ${SEAL} from ${db.schema}.steadytext_audit_seals where number > $1 order by steadytext_audit_seals.number limit $2`,
      [after, PAGE],
    );
    yield* seals;
    if (seals.length < PAGE) return;
    after = seals.at(-1)!.number;
  }
}
