// The task that seals the audit log, and signs the seals where this worker has a key. It signs only what goes on from a seal that
// it knows: whoever can write to the database could else have made the chain anew, and would get it signed.

import type { Logger } from '../log.ts';
import { type AuditKey, isSignedWith } from '../queue/audit-signature.ts';
import type { QueueDatabase } from '../queue/database.ts';
import { sealAudit } from '../queue/seal-audit.ts';
import { signSeal } from '../queue/sign-seal.ts';
import { type Seal, unsignedSeals } from '../queue/unsigned-seals.ts';

const PAGE = 50_000;

export function sealAuditLog(): (db: QueueDatabase, log: Logger, keys: readonly AuditKey[]) => Promise<void> {
  /** The newest seal that this worker has signed or found signed. */
  let known = 0n;
  return async (db, log, keys) => {
    while ((await sealAudit(db, PAGE)) >= PAGE);
    const [key] = keys;
    if (key === undefined) return;
    const seals = await unsignedSeals(db);
    const wrong = whatIsWrong(seals, keys, known);
    if (wrong !== null) return log.error({ reason: wrong.reason, seal: wrong.number }, 'audit seals not signed');
    for (const { number, hash, mac } of seals) {
      if (mac === null && !(await signSeal(db, key, { number, hash, signedAt: String(Date.now()) }))) return;
      if (mac === null) log.info({ seal: number, hash }, 'audit seal signed');
      known = BigInt(number);
    }
  };
}

/** A seal whose key is not ours may be one from before the key was changed: it is gone on from. */
function whatIsWrong(seals: readonly Seal[], keys: readonly AuditKey[], known: bigint) {
  for (const { number, hash, signedAt, keyId, mac } of seals) {
    if (mac === null || signedAt === null) {
      if (BigInt(number) <= known) return { reason: 'it was signed before', number };
      continue;
    }
    const key = keys.find(({ id }) => id === keyId);
    if (key !== undefined && !isSignedWith(key, { number, hash, signedAt }, mac))
      return { reason: 'the signature before it is not right', number };
  }
  return null;
}
