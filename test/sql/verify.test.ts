// Results are made again and compared: by whom, what the verdicts are, and that hashes mean the same in SQL and in workers.
import { expect, test } from 'vitest';
import { inputHash, outputHash } from '../../workers/handlers/receipt.ts';
import { realArrayLiteral } from '../../workers/queue/real-array.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const VERIFY = 'select steadytext_verify($1)';
const ORIGIN = { digest: 'd1', format: 'row8', converter: 5, engine: '2', onnxruntime: '1.30.0', cpu_class: 'x64-amx' };

interface Verdict {
  readonly verdict: string;
  readonly verification: string;
}

/** A generation of alice's that completed with its prompt in capitals. */
async function completed(prompt = 'hello') {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  const id = await alice.value('select steadytext_generate_async($1)', [prompt]);
  const receipt = { ...ORIGIN, input: inputHash([prompt]), output: outputHash(prompt.toUpperCase()) };
  await worker.settle(await worker.claim({ generate: 1 }), { receipt });
  return { alice, worker, id: id as string };
}
const verify = async (session: Session, id: string) => (await session.value(VERIFY, [id])) as Verdict;

test('the first call enqueues the same request, the next one says pending, and then that the same came', async () => {
  const { alice, worker, id } = await completed();
  const first = await verify(alice, id);
  expect(first).toEqual({ verdict: 'pending', status: 'pending', verification: expect.any(String) });
  expect(await verify(alice, id)).toEqual(first);
  const [run] = await worker.claim({ generate: 9 });
  expect(run).toMatchObject({ request_id: first.verification, prompt: 'hello' });
  expect(await verify(alice, id)).toMatchObject({ verdict: 'pending', status: 'processing' });
  await worker.settle([run!], { receipt: ORIGIN });
  expect(await verify(alice, id)).toEqual({ verdict: 'same', verification: first.verification });
  const [one, two] = await alice.rows('select * from steadytext_requests order by id');
  for (const column of ['user_id', 'request_type', 'model', 'params', 'result', 'cost_estimate', 'input_bytes']) {
    expect(two![column], column).toEqual(one![column]);
  }
});

test('another text from the same engine is different; from another CPU class it cannot be compared', async () => {
  const { alice, worker, id } = await completed();
  const first = await verify(alice, id);
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'HELLo', receipt: ORIGIN });
  expect(await verify(alice, id)).toEqual({ ...first, status: undefined, verdict: 'different', differs: ['output'] });

  const again = (await alice.value('select steadytext_verify($1, again => true)', [id])) as Verdict;
  expect(again).toMatchObject({ verdict: 'pending' });
  expect(again.verification).not.toBe(first.verification);
  const elsewhere = { ...ORIGIN, cpu_class: 'x64-avx2', engine: '3' };
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'HELLo', receipt: elsewhere });
  expect(await verify(alice, id)).toEqual({
    verdict: 'not comparable',
    verification: again.verification,
    was: { cpu_class: 'x64-amx', engine: '2' },
    is: { cpu_class: 'x64-avx2', engine: '3' },
  });
});

test('equal bytes are the same wherever they were made, and it is told where', async () => {
  const { alice, worker, id } = await completed();
  await verify(alice, id);
  await worker.settle(await worker.claim({ generate: 1 }), { receipt: { ...ORIGIN, onnxruntime: '1.31.0' } });
  expect(await verify(alice, id)).toMatchObject({ verdict: 'same', was: { onnxruntime: '1.30.0' } });
});

test.each([
  ['output', `result = 'HELLO!'`],
  ['input', `prompt = 'hullo'`],
])('a row whose %s somebody has changed is altered, whatever the second run gives', async (part, change) => {
  const { alice, worker, id } = await completed();
  await verify(alice, id);
  await worker.settle(await worker.claim({ generate: 1 }), { receipt: ORIGIN });
  await (await queue.superuser()).rows(`update steadytext_queue set ${change} where request_id = $1`, [id]);
  expect(await verify(alice, id)).toMatchObject({ verdict: 'altered', differs: [part] });
});

test('parameters that somebody has changed are told as changed, and not as another result', async () => {
  const { alice, worker, id } = await completed();
  await (await queue.superuser()).rows(
    `update steadytext_queue set receipt = receipt || '{"parameters": {"seed": 42}}'`,
  );
  await verify(alice, id);
  const receipt = { ...ORIGIN, parameters: { seed: 7 } };
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'other', receipt });
  expect(await verify(alice, id)).toMatchObject({ verdict: 'altered', differs: ['parameters'] });
});

test('so is one that was added, where the engine is the same and would have written it down', async () => {
  const { alice, worker, id } = await completed();
  await (await queue.superuser()).rows(
    `update steadytext_queue set receipt = receipt || '{"parameters": {"seed": 7}}'`,
  );
  await verify(alice, id);
  const receipt = { ...ORIGIN, parameters: { seed: 7, min_tokens: 9 } };
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'longer', receipt });
  expect(await verify(alice, id)).toMatchObject({ verdict: 'altered', differs: ['parameters'] });
});

test.each([
  ['HELLO', { seed: 7, on_long_text: 'truncate' }, { verdict: 'same', was: { engine: '2' } }],
  [
    'HELLo',
    { seed: 7, on_long_text: 'truncate' },
    { verdict: 'not comparable', was: { engine: '2' }, is: { engine: '3' } },
  ],
  ['HELLO', { seed: 8, on_long_text: 'truncate' }, { verdict: 'altered', differs: ['parameters'] }],
])(
  'an older engine that wrote down fewer parameters is held to those that it wrote: %s, %j',
  async (result, parameters, verdict) => {
    const { alice, worker, id } = await completed();
    await (await queue.superuser()).rows(
      `update steadytext_queue set receipt = receipt || '{"parameters": {"seed": 7}}'`,
    );
    await verify(alice, id);
    await worker.settle(await worker.claim({ generate: 1 }), {
      result,
      receipt: { ...ORIGIN, engine: '3', parameters },
    });
    expect(await verify(alice, id)).toMatchObject(verdict);
  },
);

test('an answer that ends where a smaller cache ends is not comparable', async () => {
  const { alice, worker, id } = await completed();
  await (await queue.superuser()).rows(`update steadytext_queue set receipt = receipt || '{"longest": 2048}'`);
  await verify(alice, id);
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'HEL', receipt: { ...ORIGIN, longest: 512 } });
  expect(await verify(alice, id)).toMatchObject({
    verdict: 'not comparable',
    was: { longest: 2048 },
    is: { longest: 512 },
  });
});

test('what nobody promised to come again is not run again: not comparable, or altered, and the asking is logged', async () => {
  const { alice, id } = await completed();
  const superuser = await queue.superuser();
  await superuser.rows(`update steadytext_queue set receipt = receipt - 'digest' || '{"deterministic": false}'`);
  const verdict = { verdict: 'not comparable', verification: null, was: { deterministic: false } };
  expect(await verify(alice, id)).toEqual(verdict);
  expect(await alice.value('select steadytext_verify($1, true)', [id])).toEqual(verdict);
  expect(await superuser.value('select count(*)::int from steadytext_queue')).toBe(1);
  const asked = `select count(*)::int from steadytext_audit_log where event_type = 'verification_requested'`;
  expect(await superuser.value(asked)).toBe(2);
  await superuser.rows(`update steadytext_queue set result = 'HELLO!'`);
  expect(await verify(alice, id)).toEqual({ verdict: 'altered', verification: null, differs: ['output'] });
});

test('asked again while the second run is on its way, there is no third', async () => {
  const { alice, id } = await completed();
  const first = await verify(alice, id);
  for (let i = 0; i < 3; i++) expect(await alice.value('select steadytext_verify($1, true)', [id])).toEqual(first);
  expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(2);
});

test('a second run that fails says so; a vector is compared number by number', async () => {
  const [alice, worker] = [await queue.session('alice'), await queue.worker()];
  const id = (await alice.value(`select steadytext_embed_async('text')`)) as string;
  const output = outputHash(Float32Array.of(0.6, 0.8));
  await worker.settle(await worker.claim({ embed: 1 }), { receipt: { ...ORIGIN, output } });
  await verify(alice, id);
  await worker.settle(await worker.claim({ embed: 1 }), { outcome: 'failed', error: 'no room' });
  expect(await verify(alice, id)).toMatchObject({ verdict: 'failed', status: 'failed', error: 'no room' });
  for (const [embedding, verdict] of [
    ['{0.6,0.80000001}', 'same'],
    ['{0.6,0.8000001}', 'different'],
  ] as const) {
    await alice.rows('select steadytext_verify($1, again => true)', [id]);
    await worker.settle(await worker.claim({ embed: 1 }), { embedding, receipt: ORIGIN });
    expect(await verify(alice, id), embedding).toMatchObject({ verdict });
  }
});

test('what did not complete has nothing to compare', async () => {
  const alice = await queue.session('alice');
  const id = await alice.value(`select steadytext_generate_async('hello')`);
  expect(await refusal(alice, VERIFY, [id])).toEqual({
    code: 'ST011',
    message: `Request ${id} should be completed to be verified, but is pending`,
    hint: 'Only a result can be compared with another one; steadytext_check_async says how a request is doing.',
  });
});

test('nobody else learns that a request exists, but an auditor has it verified, and sees no text', async () => {
  const { alice, worker, id } = await completed('a secret');
  const [bob, reader] = [await queue.session('bob'), await queue.session('reader', ['steadytext_reader'])];
  expect(await refusal(bob, VERIFY, [id])).toMatchObject({ message: `Request ID ${id} not found` });
  expect(await refusal(reader, VERIFY, [id])).toMatchObject({ code: '42501' });

  const auditor = await queue.session('auditor', ['steadytext_auditor']);
  const { verification } = await verify(auditor, id);
  await worker.settle(await worker.claim({ generate: 1 }), { receipt: ORIGIN });
  expect(await verify(auditor, id)).toEqual({ verdict: 'same', verification });
  expect(await refusal(auditor, 'select from steadytext_queue')).toMatchObject({ code: '42501' });
  expect(await alice.rows('select verifies from steadytext_requests where request_id = $1', [verification])).toEqual([
    { verifies: id },
  ]);
  const login = await auditor.value('select session_user::text');
  const audit =
    'select event_type, function_name, request_id, parameters ->> $1 as by from steadytext_audit_log order by id';
  expect(await auditor.rows(audit, ['asked_by'])).toEqual([
    { event_type: 'request_completed', function_name: 'steadytext_generate_async', request_id: id, by: null },
    { event_type: 'verification_requested', function_name: 'steadytext_verify', request_id: id, by: login },
    { event_type: 'request_completed', function_name: 'steadytext_verify', request_id: verification, by: null },
  ]);
});

test('hashes in SQL are those that workers write', async () => {
  const superuser = await queue.superuser();
  const texts = ['a query – with ü, 😀 and\n"quotes"', 'one', '', 'twö'];
  const params = { documents: texts.slice(1), seed: 42 };
  const input = 'select steadytext_private.input_hash($1, $2)';
  expect(await superuser.value(input, [texts[0], params])).toBe(inputHash(texts));
  expect(await superuser.value(input, [texts[0], { seed: 42 }])).toBe(inputHash([texts[0]!]));
  const output = 'select steadytext_private.output_hash($1, $2)';
  expect(await superuser.value(output, [texts[0], null])).toBe(outputHash(texts[0]!));
  const vector = Float32Array.of(0.1, -0, 1e-40, -3.4e38, 1 / 3);
  expect(await superuser.value(output, [null, realArrayLiteral(vector)])).toBe(outputHash(vector));
});
