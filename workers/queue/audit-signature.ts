// How seals of the audit log are signed: HMAC-SHA256 under a key that the database does not have. The first key of several signs;
// the others, from before it, still prove what they signed.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';

export interface AuditKey {
  /** Tells keys apart and nothing of them. */
  readonly id: string;
  readonly secret: string;
}

export interface Signed {
  readonly number: string;
  /** Hexadecimal. */
  readonly hash: string;
  /** Milliseconds since 1970, by the clock of whoever signed. */
  readonly signedAt: string;
}

const SHORTEST = 32;

/** The key of the configuration, then those of its file, one a line. Throws InvalidConfiguration; never with a key in it. */
export function readAuditKeys({ auditKey, auditKeyFile }: Pick<Config, 'auditKey' | 'auditKeyFile'>): AuditKey[] {
  const lines = auditKeyFile === undefined ? [] : linesOf(auditKeyFile);
  return [...(auditKey === undefined ? [] : [auditKey]), ...lines].map((secret) => ({
    id: createHmac('sha256', secret).update('steadytext audit key').digest('hex').slice(0, 16),
    secret,
  }));
}

function linesOf(file: string): string[] {
  const wrong = (expected: string) =>
    new SteadyTextError('InvalidConfiguration', `${CONFIG_VARIABLES.auditKeyFile}: expected ${expected}, got ${file}`, {
      hint: 'For a new key: openssl rand -hex 32.',
    });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw wrong('a file that can be read');
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0 || lines.some((line) => line.length < SHORTEST))
    throw wrong(`a file with a key of at least ${SHORTEST} characters on each line`);
  return lines;
}

export function signatureOf({ secret }: AuditKey, { number, hash, signedAt }: Signed): string {
  return createHmac('sha256', secret).update(`${number}\t${hash}\t${signedAt}`).digest('hex');
}

export function isSignedWith(key: AuditKey, signed: Signed, mac: string): boolean {
  const [is, should] = [Buffer.from(mac, 'hex'), Buffer.from(signatureOf(key, signed), 'hex')];
  return is.length === should.length && timingSafeEqual(is, should);
}
