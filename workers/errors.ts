// Every error that a user can meet: one code, one class. SQL raises the same codes as SQLSTATEs; docs/errors.md has a row
// for each, and a test compares the three.

/** Code → name. Closed set: SQLSTATEs ST001–ST049 are raised by SQL functions, ST050–ST099 by the command and the fleet. */
export const ERROR_CODES = {
  ST001: 'WaitInSameTransaction',
  ST002: 'WaitUnderSnapshot',
  ST003: 'UnknownModel',
  ST004: 'InvalidOption',
  ST005: 'IdempotencyConflict',
  ST006: 'UnknownRequestType',
  ST007: 'NotRetryable',
  ST008: 'RequestCancelled',
  ST009: 'InputTooLong',
  ST010: 'UnknownLogin',
  ST011: 'NotVerifiable',
  ST012: 'SyncNotSetUp',
  ST013: 'SyncUnavailable',
  ST014: 'SyncTimedOut',
  ST015: 'SyncBlocked',
  ST020: 'BackupRefused',
  ST050: 'InvalidConfiguration',
  ST051: 'DatabaseUnreachable',
  ST052: 'DatabaseNotMigrated',
  ST053: 'DatabaseNewer',
  ST054: 'MissingRights',
  ST055: 'ServerTooOld',
  ST056: 'HistoryEdited',
  ST057: 'OrphanObjects',
  ST058: 'RolesMissing',
  ST059: 'MigrationBlocked',
  ST060: 'ModelUnavailable',
  ST061: 'ModelCorrupt',
  ST062: 'ModelUnsupported',
  ST063: 'DiskFull',
  ST064: 'EngineDied',
  ST065: 'InvalidInput',
  ST066: 'PortInUse',
  ST067: 'EmbeddedServerFailed',
  ST068: 'StatementFailed',
  ST069: 'EncodingUnsupported',
  ST070: 'DatabaseReadOnly',
  ST071: 'WaitTimedOut',
  ST072: 'EngineTooSmall',
  ST073: 'DatabaseDamaged',
  ST074: 'NotFinite',
  ST075: 'EngineOutOfMemory',
  ST076: 'RunFailed',
  ST077: 'ProviderFailed',
  ST078: 'ProviderRefused',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorName = (typeof ERROR_CODES)[ErrorCode];

/** An error for the user: the message says what was expected and what came, the hint what to do. */
export class SteadyTextError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(name: ErrorName, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = name;
    this.code = codeOf(name);
    this.hint = options.hint;
  }
}

export function codeOf(name: ErrorName): ErrorCode {
  const entry = Object.entries(ERROR_CODES).find(([, known]) => known === name);
  return entry![0] as ErrorCode;
}

export function isSteadyTextError(error: unknown, name?: ErrorName): error is SteadyTextError {
  return error instanceof SteadyTextError && (name === undefined || error.name === name);
}
