// unsigned_seals: seals that nobody has signed yet, after the last one that somebody has.

import type { Signed } from './audit-signature.ts';
import type { QueueDatabase } from './database.ts';

export type Seal = Omit<Signed, 'signedAt'> & {
  /** Null of what is not signed. */
  readonly signedAt: string | null;
  readonly keyId: string | null;
  readonly mac: string | null;
};

/** The columns of a seal; times as the text that was signed. */
export const SEAL = `number::text, encode(hash, 'hex') as hash, key_id as "keyId", encode(mac, 'hex') as mac,
  round(extract(epoch from signed_at) * 1000)::bigint::text as "signedAt"`;

export async function unsignedSeals(db: QueueDatabase, limit = 1000): Promise<Seal[]> {
  return await db.query<Seal>(`select ${SEAL} from ${db.privateSchema}.unsigned_seals($1) order by number`, [limit]);
}
