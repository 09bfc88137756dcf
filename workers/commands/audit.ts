// `steadytext audit verify`: whether the audit log is what was sealed, with the signatures, whose key the database does not have.

import { type Command, InvalidArgumentError } from 'commander';
import { openApiConnection } from '../queue/api/api-connection.ts';
import { type AuditVerdict, otherFunctions, readSeals, verifyAudit } from '../queue/api/verify-audit.ts';
import { type AuditKey, isSignedWith, readAuditKeys } from '../queue/audit-signature.ts';
import type { Seal } from '../queue/unsigned-seals.ts';
import { type CommandContext, print, readConfig } from './context.ts';

interface VerifyFlags {
  readonly anchor?: Anchor;
  readonly json?: boolean;
  readonly url?: string;
}

interface Anchor {
  readonly number: string;
  readonly hash: string;
}

const EXAMPLES = `
Examples:
  STEADYTEXT_AUDIT_KEY_FILE=/etc/steadytext/audit.key steadytext audit verify
  steadytext audit verify --anchor 4711:9f86d081884c7d65      also: this seal, of a worker's log, is still there
  steadytext audit verify --json

The login is an auditor's or an administrator's. Without a key the seals are compared with the rows, and their signatures with nothing.
Exit status 1 if something is not what was sealed or signed; the first such row or seal is named.`;

export function registerAudit(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('prove the audit log').addHelpText('after', EXAMPLES);
  audit
    .command('verify')
    .description('compare the audit log with its seals, and the seals with their signatures')
    .option('--anchor <number:hash>', 'a seal that has to be there, with the beginning of its hash', anchor)
    .option('--json', 'print one JSON object')
    .option('--url <address>', 'connection string to use instead of DATABASE_URL')
    .addHelpText('after', EXAMPLES)
    .action((flags: VerifyFlags) => runVerify(context, flags));
}

async function runVerify(context: CommandContext, flags: VerifyFlags): Promise<void> {
  const config = readConfig(context, { databaseUrl: flags.url }, ['databaseUrl']);
  const keys = readAuditKeys(config);
  const db = await openApiConnection({ url: config.databaseUrl, schema: config.schema, name: 'steadytext audit' });
  try {
    const others = await otherFunctions(db);
    const verdict = await verifyAudit(db);
    const signatures = await checkSignatures(readSeals(db), keys, flags.anchor);
    const problems = [
      ...others.map(
        (name) => `the function ${name} is not this release's: its answer proves nothing (steadytext migrate)`,
      ),
      ...(verdict.intact ? [] : [problemOf(verdict)]),
      ...signatures.problems,
    ];
    if (flags.json) print(context, JSON.stringify({ ...verdict, intact: problems.length === 0, problems }));
    else report(context, verdict, problems, keys);
    if (problems.length > 0) context.setExitStatus(1);
  } finally {
    await db.close();
  }
}

function problemOf({ problem, seal, row_id }: AuditVerdict): string {
  const where = [row_id === null ? [] : `row ${row_id}`, seal === null ? [] : `seal ${seal}`].flat();
  return `${problem}: ${where.join(' of ')}`;
}

/** The first seal that is signed wrongly, or not, although one before or after it is; and whether the anchor is there. */
async function checkSignatures(seals: AsyncIterable<Seal>, keys: readonly AuditKey[], anchored: Anchor | undefined) {
  const problems: string[] = [];
  let anchorSeen = anchored === undefined;
  let unsigned: string | null = null;
  for await (const seal of seals) {
    if (anchored?.number === seal.number) anchorSeen = seal.hash.startsWith(anchored.hash);
    if (keys.length === 0 || problems.length > 0) continue;
    if (seal.mac === null || seal.signedAt === null) unsigned ??= seal.number;
    else if (unsigned !== null) problems.push(`seal not signed: seal ${unsigned}, although seal ${seal.number} is`);
    else if (!isSigned({ ...seal, mac: seal.mac, signedAt: seal.signedAt }, keys))
      problems.push(`signature wrong, or with another key: seal ${seal.number}`);
  }
  if (!anchorSeen) problems.push(`seal missing: ${anchored!.number} with the hash ${anchored!.hash}…`);
  return { problems };
}

function isSigned(
  seal: Seal & { readonly mac: string; readonly signedAt: string },
  keys: readonly AuditKey[],
): boolean {
  return keys.some((key) => key.id === seal.keyId && isSignedWith(key, seal, seal.mac));
}

function report(
  context: CommandContext,
  verdict: AuditVerdict,
  problems: readonly string[],
  keys: readonly AuditKey[],
) {
  for (const problem of problems) print(context, problem);
  const signed = keys.length === 0 ? 'signatures not checked, for want of a key' : `${verdict.signed} signed`;
  print(
    context,
    `${problems.length === 0 ? 'intact' : 'not intact'}: ${verdict.seals} seals (${signed}) over ${verdict.sealed_rows} rows, ` +
      `${verdict.dropped_rows} of them dropped by retention; ${verdict.unsealed_rows} rows not sealed yet`,
  );
}

function anchor(text: string): Anchor {
  const [, number, hash] = /^([1-9]\d{0,17}):([0-9a-f]{8,64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined)
    throw new InvalidArgumentError(
      'Expected the number of a seal and the first 8 to 64 digits of its hash, such as 4711:9f86d081.',
    );
  return { number, hash };
}
