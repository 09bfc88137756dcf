import { expect, test } from 'vitest';
import { primaryAddress } from '../../workers/queue/primary-address.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();
const withHosts = (hosts: (own: string) => string) =>
  database.workerUrl.replace(/@([^/]+)/, (_, own) => `@${hosts(own)}`);

test('of several hosts the one that writes is taken, the first of two, however the others fail', async () => {
  expect(await primaryAddress(withHosts((own) => `127.0.0.1:1,${own}`))).toBe(database.workerUrl);
  expect(await primaryAddress(withHosts((own) => `${own},nowhere.invalid,${own}`))).toBe(database.workerUrl);
});

test('one host is not asked', async () => {
  expect(await primaryAddress('postgres://a@127.0.0.1:1/x')).toBe('postgres://a@127.0.0.1:1/x');
});

test('with none that answers each one says why, and a login that is refused is told as that', async () => {
  await expect(primaryAddress('postgres://a@127.0.0.1:1,127.0.0.1:2/x')).rejects.toMatchObject({
    name: 'DatabaseUnreachable',
    message: expect.stringMatching(/127\.0\.0\.1:1: .*ECONNREFUSED.*; 127\.0\.0\.1:2: .*ECONNREFUSED/),
  });
  const wrong = withHosts((own) => `127.0.0.1:1,${own}`).replace(/:[^:@/]+@/, ':wrong@');
  await expect(primaryAddress(wrong)).rejects.toMatchObject({ name: 'UnknownLogin' });
});
