// The only reader of the environment: one validated, frozen object. Every problem is listed at once. docs/configuration.md
// has a row for each field, and a test compares the two.

import { accessSync, constants } from 'node:fs';
import { availableParallelism, homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { SteadyTextError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's own environment, for `loadConfig` and for children that get a changed copy of it. */
export function environment(): Environment {
  return process.env;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

// Messages are what was expected; loadConfig adds what came.
const ADDRESS = 'a connection string postgres://user:password@host:port/database';
const address = z
  .string()
  .superRefine((text, { addIssue }) => {
    const addresses = hostAddresses(text);
    const isWhole = (one: string) =>
      addresses.length === 1 ? parseAddress(one) : URL.parse(one)?.hostname && parseAddress(one);
    const url = addresses.every(isWhole) ? parseAddress(text) : null;
    if (url === null) return addIssue(ADDRESS);
    const problem = unreadableFile(url) ?? unknownTlsMode(url);
    if (problem !== undefined) addIssue(`a connection string whose ${problem}`);
  })
  .transform(strictTlsMode);
const identifier = (empty: '*' | '+') =>
  z.string().regex(empty === '+' ? /^(?!pg_)[a-z_][a-z0-9_]{0,40}$/ : /^((?!pg_)[a-z_][a-z0-9_]{0,40})?$/, IDENTIFIER);
const IDENTIFIER = 'up to 41 lower-case letters, digits and underscores, not beginning with a digit or pg_';
const path = z.string('a path').transform((text) => resolve(text.replace(/^~(?=\/|$)/, homedir())));
const MODEL_NAMES = 'a model name as in `steadytext models list`, or several with commas between, each once';
const modelNames = z
  .string(MODEL_NAMES)
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine((names) => names.every((name) => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)), MODEL_NAMES)
  .refine((names) => new Set(names).size === names.length, MODEL_NAMES)
  .transform((names) => names as [string, ...string[]]);
const ORIGIN = 'an address that begins with https:// or http://, without ? and #';
const origin = z.string().refine((text) => /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text), ORIGIN);
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

/** As people write numbers: not 0x10, which Number takes too. */
const DECIMAL = /^\d+(\.\d+)?$/;

function number(min: number, max: number, whole: boolean) {
  const error = `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`;
  const schema = z.number({ error }).min(min, error).max(max, error);
  const fromText = (value: unknown) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value);
  return z.preprocess(fromText, whole ? schema.int(error) : schema);
}

/** Field → variable and rule. The comment of a line says how to choose its value. */
const FIELDS = {
  // Where the queue is. A worker logs in as a member of steadytext_worker; users of `sql` and `enqueue` as a writer.
  databaseUrl: ['DATABASE_URL', address.optional()],
  // A direct address for LISTEN. Set it where databaseUrl goes through a bouncer in transaction mode; else leave it.
  listenUrl: ['STEADYTEXT_LISTEN_URL', address.optional()],
  // The database owner's login, for `migrate` and `status`. A worker never needs it.
  adminUrl: ['STEADYTEXT_ADMIN_URL', address.optional()],
  // The API schema. Another name only where `steadytext` is taken; `public` works too.
  schema: ['STEADYTEXT_SCHEMA', identifier('+').default('steadytext')],
  // Goes before every role name. Needed for the second database of one server, since roles belong to the server.
  rolePrefix: ['STEADYTEXT_ROLE_PREFIX', identifier('*').default('')],
  // Models (some 400 MB) and the development database. On a disk that survives restarts: what is lost is fetched again.
  cacheDir: ['STEADYTEXT_CACHE_DIR', path],
  // A folder with model files brought by hand, looked into before any download. For machines without a way out.
  modelDir: ['STEADYTEXT_MODEL_DIR', path.optional()],
  // The hub that models come from. A mirror inside the network goes here; digests are checked wherever a file came from.
  hfEndpoint: ['HF_ENDPOINT', origin.default('https://huggingface.co')],
  // The models that generate, as the next two: one name, or several with commas between. A larger one answers better and slower.
  textModel: ['STEADYTEXT_TEXT_MODEL', modelNames.default(['smollm2-135m-instruct'])],
  // Those that embed, and rerank by their embeddings. Vectors of two models cannot be compared: change it only with the stored vectors.
  embeddingModel: ['STEADYTEXT_EMBEDDING_MODEL', modelNames.default(['all-minilm-l6-v2'])],
  // Cross-encoders, or decoders that rank, which rerank instead for requests that name one or where it is the default.
  rerankingModel: ['STEADYTEXT_RERANKING_MODEL', modelNames.optional()],
  // A JSON file with OpenAI-compatible providers, for requests that name their models with unsafe_mode. Prompts leave the machine.
  providers: ['STEADYTEXT_PROVIDERS', path.optional()],
  // A JSON file with other models of the hub, which run through transformers.js in an engine of their own; no equal bytes are promised.
  hubModels: ['STEADYTEXT_HUB_MODELS', path.optional()],
  // on: where a text model cannot be loaded, requests for it get words that no model made, marked as such. Never in production.
  fallback: ['STEADYTEXT_FALLBACK', oneOf(['off', 'on']).default('off')],
  // auto takes row8 (8-bit rows, fastest) where the CPU has VNNI or AMX, row8u on x64 with AVX2 alone, else nb8 (8-bit blocks), or
  // what `models bench` recorded here; nb4 (4-bit blocks) is for little memory, fp32 for comparison. Set it where a fleet's machines differ and all should answer in one format.
  modelFormat: ['STEADYTEXT_MODEL_FORMAT', oneOf(['auto', 'row8', 'row8u', 'nb8', 'nb4', 'fp32']).default('auto')],
  // Threads of one engine. More than one makes a single answer come sooner and all answers together later; not a byte is another.
  engineThreads: ['STEADYTEXT_ENGINE_THREADS', number(1, 64, true).default(1)],
  // Engine processes: left out, as many as there are cores for their threads. Fewer leaves cores to other programs, more only costs memory.
  engines: ['STEADYTEXT_ENGINES', number(1, 256, true)],
  // MiB that the models of one engine may take together. Where more models are served than fit, those that were used least recently are
  // closed, and opened again when they are asked for. Left out, all stay open.
  engineMemoryMb: ['STEADYTEXT_ENGINE_MEMORY_MB', number(16, 4_194_304, true).optional()],
  // Generations side by side in one engine. More gives more tokens a second in all, and fewer to each.
  generateSlots: ['STEADYTEXT_GENERATE_SLOTS', number(1, 64, true).default(8)],
  // MiB for the keys and values of all that one engine generates. The longest sequence has to fit; more lets longer prompts run
  // side by side, and is memory of each engine.
  kvCacheMb: ['STEADYTEXT_KV_CACHE_MB', number(16, 65_536, true).default(90)],
  // Of kvCacheMb, how many MiB may hold what was read of earlier prompts, for those that begin in the same way, while nobody else
  // needs them. More where kvCacheMb is more; 0 where users must not learn from the time that another's prompt began as theirs.
  prefixCacheMb: ['STEADYTEXT_PREFIX_CACHE_MB', number(0, 65_536, true).default(64)],
  // Tokens that a step tries out beside the next one, guessed from what the prompt and the answer said before: faster, and not a
  // byte of an answer is another. 0 to compare.
  guessedTokens: ['STEADYTEXT_GUESSED_TOKENS', number(0, 3, true).default(3)],
  // Embed requests given to one engine at once. Above 64 nothing is won.
  embedBatch: ['STEADYTEXT_EMBED_BATCH', number(1, 1024, true).default(32)],
  // How long a silent worker keeps its requests. Shorter rescues sooner; too short, and a pause of the machine loses work.
  leaseSeconds: ['STEADYTEXT_LEASE_SECONDS', number(1, 3600, false).default(30)],
  // How long SIGTERM waits for running work before it is handed back. Below the orchestrator's grace period by 15 s.
  drainSeconds: ['STEADYTEXT_DRAIN_SECONDS', number(0, 3600, false).default(30)],
  // Pause between looks at the queue for a second after work was seen. It bounds the wait after a lost notice under load.
  pollFastMs: ['STEADYTEXT_POLL_FAST_MS', number(5, 1000, true).default(25)],
  // Pause between looks at an idle queue. It bounds the wait for work whose notice was lost; notices make the rest fast.
  pollSlowMs: ['STEADYTEXT_POLL_SLOW_MS', number(50, 60_000, true).default(1000)],
  // How long finished requests wait for company, to be settled in one transaction. 0 for the least latency.
  settleDelayMs: ['STEADYTEXT_SETTLE_DELAY_MS', number(0, 5, false).default(2)],
  // Signs the seals of the audit log: a secret of 32 characters or more, kept apart from the database. The same for the whole fleet.
  auditKey: ['STEADYTEXT_AUDIT_KEY', z.string().min(32, 'a secret of at least 32 characters').optional()],
  // The same in a file, one a line: the first signs, those below it signed before. For secrets that are mounted.
  auditKeyFile: ['STEADYTEXT_AUDIT_KEY_FILE', path.optional()],
  // debug tells of every batch, info of starts, stops and trouble, warn of trouble only. Prompts are in none of them.
  logLevel: ['STEADYTEXT_LOG_LEVEL', oneOf(LOG_LEVELS).default('info')],
  // The worker's name in steadytext_workers and in the log. The pod's name, where there is one.
  workerName: ['STEADYTEXT_WORKER_NAME', z.string().max(200, 'at most 200 characters').default(hostname())],
} as const satisfies Record<string, readonly [string, z.ZodType]>;

type Fields = typeof FIELDS;
export type ConfigField = keyof Fields;
export type Config = Readonly<{ [K in ConfigField]: z.output<Fields[K][1]> }>;
/** Values of command-line flags, by field; undefined leaves the environment's. */
export type ConfigOverrides = Partial<Record<ConfigField, string | number | undefined>>;
/** What a message calls the place that an override came from, where the variable's name would mislead. */
export type OverrideNames = Partial<Record<ConfigField, string>>;
type With<K extends ConfigField> = Config & { readonly [P in K]: NonNullable<Config[P]> };

/** Field → variable, in the order of the documentation. */
export const CONFIG_VARIABLES = Object.freeze(
  Object.fromEntries(Object.entries(FIELDS).map(([field, [variable]]) => [field, variable])),
) as Readonly<Record<ConfigField, string>>;

/** What stands for a field that was left out and has no value of its own. */
function computed(field: ConfigField, env: Environment, before: Record<string, unknown>): unknown {
  if (field === 'cacheDir') return userCache(env);
  if (field === 'engines') return Math.max(1, Math.floor(availableParallelism() / Number(before.engineThreads ?? 1)));
  return undefined;
}

/** Reads and checks every field. Throws InvalidConfiguration with all problems, one a line. */
export function loadConfig<K extends ConfigField = never>(
  env: Environment,
  overrides: ConfigOverrides = {},
  required: readonly K[] = [],
  names: OverrideNames = {},
): With<K> {
  const config: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const field of Object.keys(FIELDS) as ConfigField[]) {
    const [variable, rule] = FIELDS[field];
    const override = present(overrides[field]);
    const value = override ?? present(env[variable]) ?? computed(field, env, config);
    const missing = value === undefined && (required as readonly string[]).includes(field);
    const said = /Url$/.test(field) && typeof value === 'string' ? withTlsMode(value, present(env.PGSSLMODE)) : value;
    const parsed = rule.safeParse(missing ? '' : said);
    if (parsed.success) config[field] = parsed.data;
    else
      problems.push(
        `${(override && names[field]) ?? variable}: expected ${parsed.error.issues[0]?.message}, got ${shown(field, value)}`,
      );
  }
  if (Number(config.pollFastMs) > Number(config.pollSlowMs))
    problems.push(
      `STEADYTEXT_POLL_FAST_MS: expected at most STEADYTEXT_POLL_SLOW_MS (${config.pollSlowMs}), got ${config.pollFastMs}`,
    );
  if (problems.length > 0)
    throw new SteadyTextError('InvalidConfiguration', [...new Set(problems)].join('\n'), {
      hint: 'docs/configuration.md says how to choose each value; flags of the command win over variables.',
    });
  config.listenUrl ??= config.databaseUrl;
  return Object.freeze(config) as With<K>;
}

/** Empty text counts as not given: that is what an unset value becomes in a compose or manifest file. */
function present(value: string | number | undefined): string | number | undefined {
  const trimmed = typeof value === 'string' ? value.trim() : value;
  return trimmed === '' ? undefined : trimmed;
}

/** Relative paths count as not given, as the XDG rules say: the current directory may be anybody's. */
function userCache({ XDG_CACHE_HOME = '', HOME = '' }: Environment): string | undefined {
  const [xdg, home] = [XDG_CACHE_HOME.trim(), HOME.trim()];
  try {
    return join(isAbsolute(xdg) ? xdg : join(isAbsolute(home) ? home : userInfo().homedir, '.cache'), 'steadytext');
  } catch {
    // An account that the system does not know, as in some containers.
    return undefined;
  }
}

/** Addresses may hold a password, and errors are logged: they are not repeated. */
function shown(field: ConfigField, value: unknown): string {
  if (value === undefined) return 'nothing';
  return /Url$|Endpoint$|Key$/.test(field)
    ? 'something else (not shown, it may hold a password)'
    : JSON.stringify(value);
}

/** An address each of one with several hosts (`a:5432,b:5432`), which the driver does not know. */
export function hostAddresses(text: string): string[] {
  const [, head, hosts, tail] =
    /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*,[^/?#@]*)((?:[/?#].*)?)$/s.exec(text) ?? [];
  return hosts === undefined ? [text] : hosts.split(',').map((host) => `${head}${host}${tail}`);
}

/** What the driver can take apart: it throws at anything else, with a stack. A socket's address may have a user and no host. */
function parseAddress(given: string): URL | null {
  // Of several hosts the first: all else is the same.
  const text = hostAddresses(given)[0]!;
  if (!/^postgres(ql)?:\/\/\S+$/.test(text)) return null;
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@socket/'));
  if (url === null) return null;
  const port = url.searchParams.get('port') ?? url.port;
  if (port !== '' && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) return null;
  try {
    for (const part of [url.username, url.password, url.hostname, url.pathname]) decodeURIComponent(part);
    return url;
  } catch {
    return null;
  }
}

/** The driver reads these files when it connects. */
function unreadableFile(address: URL): string | undefined {
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = address.searchParams.get(name);
    if (!file) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch {
      return `${name} is a file that can be read, which ${file} is not`;
    }
  }
  return undefined;
}

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * The driver asks PGSSLMODE where an address names no mode, for a socket too, and takes a word of it that it does not know for
 * none: written into the address, it is checked as any other.
 */
function withTlsMode(text: string, mode: string | number | undefined): string {
  const url = parseAddress(text);
  if (mode === undefined || url === null || url.searchParams.has('sslmode') || url.searchParams.has('ssl')) return text;
  const socket = (url.searchParams.get('host') ?? decodeURIComponent(url.hostname)).startsWith('/');
  return `${text}${text.includes('?') ? '&' : '?'}sslmode=${socket ? 'disable' : encodeURIComponent(mode)}`;
}

/** The driver takes a word that it does not know for verify-full, and no word at all for disable. */
function unknownTlsMode({ searchParams }: URL): string | undefined {
  const mode = searchParams.get('sslmode');
  if (mode === null) return undefined;
  if (!TLS_MODES.includes(mode))
    return `sslmode (or PGSSLMODE, where it names none) is one of ${TLS_MODES.join(', ')}, which ${mode || 'an empty one'} is not`;
  if (mode === 'verify-ca' && isLibpqCompatible(searchParams) && !searchParams.get('sslrootcert'))
    return 'sslmode=verify-ca comes with sslrootcert';
  return undefined;
}

/** The driver checks as much for prefer, require and verify-ca as for verify-full, and warns that it does: said plainly. */
function strictTlsMode(text: string): string {
  const parameters = parseAddress(text)?.searchParams;
  if (parameters === undefined || isLibpqCompatible(parameters)) return text;
  return text.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/g, '$1verify-full');
}

function isLibpqCompatible(parameters: URLSearchParams): boolean {
  return parameters.get('uselibpqcompat') === 'true';
}
