// diagnose_steadytext: each check once as it should be, and once made to say otherwise. All in transactions that are rolled back.
import { beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { EMBEDDING_MODEL, TEXT_MODEL } from './support/worker-session.ts';

const queue = useQueue();
const MB = 2 ** 20;

const MODELS = [
  { name: TEXT_MODEL, kind: 'text', digest: 'sha256:1', max_tokens: 2048 },
  { name: EMBEDDING_MODEL, kind: 'embedding', digest: 'sha256:2', max_tokens: 256, dimension: 384 },
];
const ENGINE = {
  ...{ pid: 7, state: 'ready', residentBytes: 400 * MB, running: 0, restarts: 0, requests: 0, errors: 0 },
  models: MODELS.map(({ name }) => ({
    name,
    resident: true,
    bytes: MB,
    format: 'row8',
    loadMs: 5,
    threads: 1,
    idleMs: 1,
  })),
};

let superuser: Session;
beforeEach(async () => {
  superuser = await queue.superuser();
  const worker = await queue.worker();
  const machine = { totalBytes: 8000 * MB, freeBytes: 5000 * MB, workerBytes: 100 * MB };
  await worker.beat(2048, { host: 'left', engines: [ENGINE], models: MODELS, machine });
  await superuser.rows(
    `insert into steadytext_private.cache_counts (user_id, cache_type, hits, misses) values (1, 'generation', 90, 10)`,
  );
});

const ALL = [
  ...['Extension Version', 'Daemon Status', 'Model Status', 'Cache Health', 'Queue Health', 'Memory Usage'],
  ...[
    'Default Models',
    'Leases',
    'Maintenance',
    'Log Partitions',
    'Audit Seals',
    'Settings',
    'Side Channel',
    'Roles',
    'Row Security',
  ],
  ...['Search Path', 'Notice Queue', 'Table Bloat', 'Clock'],
];

test('of a fleet that is well each check says so, for administrators and for metrics', async () => {
  for (const role of ['steadytext_admin', 'steadytext_metrics']) {
    const session = await queue.session(`a ${role}`, [role]);
    const rows = await session.rows('select * from diagnose_steadytext()');
    expect(rows.map(({ check_name }) => check_name)).toEqual(ALL);
    const other = rows.filter(({ status }) => status !== 'OK').map(({ check_name, status }) => [check_name, status]);
    // Set up in its own test file, and sealed by workers' maintenance: they are INFO where they are not.
    expect(other).toEqual([
      ['Audit Seals', 'INFO'],
      ['Side Channel', 'INFO'],
    ]);
    expect(rows.every(({ details, recommendation }) => details !== '' && recommendation !== '')).toBe(true);
  }
  const writer = await queue.session('alice');
  expect(await refusal(writer, 'select * from diagnose_steadytext()')).toMatchObject({ code: '42501' });
});

const QUEUE = (rows: number, columns: string, values: string) =>
  `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, params, asked_by, ${columns})
   select gen_random_uuid(), 1, 'generate', '${TEXT_MODEL}', 'x', '{}', 'somebody', ${values} from generate_series(1, ${rows})`;
const PENDING = (rows: number) => QUEUE(rows, 'created_at', 'now()');
const FAILED = (rows: number) => QUEUE(rows, 'status, runnable, completed_at, error', `'failed', false, now(), 'no'`);
const NO_WORKER = 'delete from steadytext_workers';
const WORKER = (change: string) => `update steadytext_workers set ${change}`;
const HITS = (hits: number, misses: number) =>
  `update steadytext_private.cache_counts set hits = ${hits}, misses = ${misses}`;
const FREE = (mb: number) => WORKER(`machine = machine || '{"freeBytes": ${mb * MB}}'`);

const NOT_INCLUDED = `do $$ begin
  execute (select format('revoke steadytext_reader from steadytext_writer granted by %I', m.grantor::regrole) from pg_auth_members m
           where m.roleid = 'steadytext_reader'::regrole and m.member = 'steadytext_writer'::regrole);
end $$`;

test.each([
  ['Extension Version', NO_WORKER, 'INFO', /^Migration \d+, workers: none$/],
  [
    'Extension Version',
    `insert into steadytext_workers (worker_id, state, host, name, pid, version, login)
     values (gen_random_uuid(), 'running', 'h', 'h', 1, '9.9', 'l')`,
    'WARNING',
    /workers: 0\.1, 9\.9$/,
  ],
  ['Daemon Status', NO_WORKER, 'ERROR', /^Daemon not running$/],
  ['Daemon Status', WORKER(`state = 'starting'`), 'WARNING', /\(starting\)$/],
  ['Model Status', NO_WORKER, 'WARNING', /false/],
  ['Model Status', 'delete from steadytext_models', 'WARNING', /^Models loaded: none$/],
  ['Cache Health', 'delete from steadytext_private.cache_counts', 'INFO', /^No requests yet$/],
  [
    'Cache Health',
    `update steadytext_settings set value = 'false' where name = 'cache_enabled'`,
    'INFO',
    /^The cache is off$/,
  ],
  ['Cache Health', HITS(81, 19), 'OK', /^Hit rate: 81\.00%, Total requests: 100$/],
  ['Cache Health', HITS(80, 20), 'WARNING', /^Hit rate: 80\.00%/],
  ['Cache Health', HITS(50, 50), 'ERROR', /^Hit rate: 50\.00%/],
  ['Queue Health', PENDING(501), 'WARNING', /^Pending: 501, Failed: 0, Oldest: 0 seconds$/],
  ['Queue Health', PENDING(1001), 'ERROR', /^Pending: 1001/],
  ['Queue Health', FAILED(51), 'WARNING', /Failed: 51/],
  ['Queue Health', FAILED(101), 'ERROR', /Failed: 101/],
  ['Memory Usage', NO_WORKER, 'INFO', /^No worker/],
  ['Memory Usage', FREE(2000), 'WARNING', /^Using 5\.9 GB of 7\.8 GB$/],
  ['Memory Usage', FREE(700), 'ERROR', /^Using 7\.1 GB/],
  ['Default Models', NO_WORKER, 'INFO', /^Not served: smollm2/],
  ['Default Models', WORKER(`models = '[]'`), 'ERROR', /^Not served: smollm2-135m-instruct, all-minilm/],
  [
    'Leases',
    QUEUE(
      2,
      'status, runnable, started_at, leased_by, lease_token, lease_expires_at',
      `'processing', false, now(), gen_random_uuid(), 1, now() - interval '2 minutes'`,
    ),
    'ERROR',
    /^2 requests/,
  ],
  [
    'Maintenance',
    QUEUE(1, 'status, runnable, completed_at', `'cancelled', false, now() - interval '8 days'`),
    'WARNING',
    /past their retention/,
  ],
  [
    'Log Partitions',
    `do $$ begin execute format('drop table steadytext_private.steadytext_audit_log_%s',
       to_char(date_trunc('week', now() at time zone 'UTC')::date + 7, 'YYYYMMDD')); end $$`,
    'WARNING',
    /^No partition for next week: steadytext_audit_log$/,
  ],
  [
    'Log Partitions',
    `insert into steadytext_request_log (finished_at, requested_at, user_id, request_id, request_type, model, outcome, tokens_used,
       queue_wait_ms, retry_count) values ('2001-01-01', '2001-01-01', 1, gen_random_uuid(), 'generate', 'm', 'failed', 0, 0, 0)`,
    'WARNING',
    /^Rows in default partitions$/,
  ],
  [
    'Audit Seals',
    `insert into steadytext_audit_log ("timestamp", event_type, function_name, success, digest)
     values (now() - interval '11 minutes', 'x', 'x', true, sha256(''))`,
    'WARNING',
    /^Rows of more than ten minutes ago are not sealed$/,
  ],
  ['Audit Seals', 'select steadytext_private.seal_audit()', 'INFO', /^2 of 2 seals are not signed$/],
  [
    'Audit Seals',
    `do $$ begin perform steadytext_private.seal_audit();
       update steadytext_audit_seals set mac = hash, signed_at = now(), key_id = 'x'; end $$`,
    'OK',
    /^2 seals, all signed$/,
  ],
  [
    'Settings',
    `insert into steadytext_private.system_settings (name, value) values ('max_documents', 'many'), ('max_dokuments', '1')`,
    'WARNING',
    /^max_documents should be a whole number .*, but is "many"; max_dokuments is no setting$/,
  ],
  ['Settings', `select steadytext_config_set('daemon_timeout', '9s')`, 'INFO', /^Without effect: daemon_timeout$/],
  ['Roles', NOT_INCLUDED, 'ERROR', /^Not included: steadytext_reader in steadytext_writer$/],
  ['Roles', 'alter role steadytext_metrics rename to elsewhere', 'ERROR', /^Missing: steadytext_metrics$/],
  ['Roles', 'alter role steadytext_owner login', 'WARNING', /may log in/],
  ['Row Security', 'alter table steadytext_queue disable row level security', 'ERROR', /^Off for steadytext_queue$/],
  [
    'Search Path',
    `create function public.steadytext_generate(a text) returns text language sql as 'select a'`,
    'WARNING',
    /^Named like ours: public\.steadytext_generate$/,
  ],
  ['Search Path', 'create table public.steadytext_queue ()', 'WARNING', /public\.steadytext_queue$/],
  ['Clock', WORKER(`heartbeat_at = now() + interval '1 hour'`), 'WARNING', /seconds in the future$/],
] as const)('%s after "%s" is %s', async (name, change, status, details) => {
  await superuser.rows('begin');
  try {
    await superuser.rows(change);
    const [row] = await superuser.rows('select * from diagnose_steadytext() where check_name = $1', [name]);
    expect(row).toMatchObject({ status, details: expect.stringMatching(details) });
    if (status === 'WARNING' || status === 'ERROR') expect(row!.recommendation).not.toMatch(/^No action/);
  } finally {
    await superuser.rows('rollback');
  }
});

test.each([
  ['diagnose_notices(0.5)', 'OK'],
  ['diagnose_notices(0.51)', 'WARNING'],
  ['diagnose_notices(0.95)', 'ERROR'],
  ['diagnose_bloat(10, 100000)', 'OK'],
  ['diagnose_bloat(200000, 100001)', 'OK'],
  ['diagnose_bloat(10, 100001)', 'WARNING'],
])('%s, of what a server is seldom brought to, is %s', async (call, status) => {
  expect(await superuser.rows(`select status from steadytext_private.${call}`)).toEqual([{ status }]);
});
