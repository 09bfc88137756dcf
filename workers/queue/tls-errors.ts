// What to do when the encrypted connection to PostgreSQL does not come to be: Node and the driver say only what failed.

const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);
const OUT_OF_DATE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REVOKED']);

/** Undefined for an error that has nothing to do with encryption. */
export function tlsHint(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && /^The server does not support SSL connections/.test(message))
    return 'the server has encryption turned off: set ssl = on there, or sslmode=disable in the connection string';
  if (typeof code !== 'string') return undefined;
  if (UNKNOWN_ISSUER.has(code))
    return 'give the certificate of the authority that signed it, sslrootcert=<file> in the connection string; sslmode=no-verify encrypts without checking who answers';
  if (OUT_OF_DATE.has(code)) return "renew the server's certificate, and check the clocks of both machines";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return 'connect by a name that the certificate has; sslmode=no-verify encrypts without checking who answers';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO')
    return 'check that PostgreSQL itself answers there, and sslmode, sslcert and sslkey of the connection string';
  return undefined;
}
