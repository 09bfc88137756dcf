// Asks the server to stop what a session runs. The request goes over a connection of its own and names the session by its
// secret key, so it is encrypted where the session is; cancel() of the driver sends the key in the clear.

import pg from 'pg';

/** What the driver has and its types leave out. */
interface Session {
  readonly host: string;
  readonly port: number;
  /** Both null until the session has begun, and for good behind a bouncer that sends none. */
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly ssl: pg.ConnectionConfig['ssl'];
  readonly sslNegotiation: pg.ConnectionConfig['sslnegotiation'];
}

interface Wire extends NodeJS.EventEmitter {
  connect(portOrSocket: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

/**
 * Resolves when the server has taken the request, which it never answers: what came of it shows in the statement's own end.
 * Rejects when the server cannot be reached.
 */
export function cancelStatement(client: pg.Client): Promise<void> {
  const { host, port, processID, secretKey, ssl, sslNegotiation } = client as unknown as Session;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (processID === null || secretKey === null) {
    reject(new Error('it has given no key to cancel by'));
    return promise;
  }
  const wire = new pg.Connection({ ssl, sslNegotiation } as pg.ConnectionConfig) as unknown as Wire;
  const ask = () => wire.cancel(processID, secretKey);
  wire.on('connect', () => {
    if (!ssl) ask();
    else if (sslNegotiation !== 'direct') wire.requestSsl();
  });
  wire.on('sslconnect', ask);
  wire.on('error', reject);
  wire.on('end', resolve);
  if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
  else wire.connect(port, host);
  return promise;
}
