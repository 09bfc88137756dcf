// sign_seal: keep the signature of a seal. False where it has one by now, or is another.

import { type AuditKey, type Signed, signatureOf } from './audit-signature.ts';
import type { QueueDatabase } from './database.ts';

export async function signSeal(db: QueueDatabase, key: AuditKey, seal: Signed): Promise<boolean> {
  const rows = await db.query<{ signed: boolean }>(
    `select ${db.privateSchema}.sign_seal($1::bigint, decode($2, 'hex'), to_timestamp($3::numeric / 1000), $4, decode($5, 'hex')) as signed`,
    [seal.number, seal.hash, seal.signedAt, key.id, signatureOf(key, seal)],
  );
  return rows[0]?.signed ?? false;
}
