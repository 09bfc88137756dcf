// The hub as a source: what it answers well, and each way in which it can fail, told within the time it is given.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../../workers/log.ts';
import {
  digestOf,
  filesBelow,
  goodAnswers,
  hubPath,
  modelDirFor,
  openOffline as openWithPip,
  send,
  sha256,
  startHub,
  tempFolder,
  tinyModel,
  weightsOf,
} from './support.ts';

const model = tinyModel();
const weights = weightsOf(model);
const place = hubPath(model, weights);

/** What the hub fails to give is looked for nowhere else: a pip that finds nothing takes a second to say so. */
const openOffline: typeof openWithPip = (options) =>
  openWithPip({ pip: { env: {}, python: '/nonexistent/python3' }, ...options });

/** Pulls from a hub and returns the error; the cache must have nothing of the file that failed. */
async function failureOf(hfEndpoint: string): Promise<string> {
  const cacheDir = await tempFolder();
  const store = openOffline({ cacheDir, modelDir: await modelDirFor(model), hfEndpoint });
  const error = await store.pull('tiny').catch((it) => it);
  expect(error).toMatchObject({ name: 'ModelUnavailable' });
  expect(await filesBelow(cacheDir)).toEqual([]);
  return error.message;
}

test('a hub gives the files at their pinned revision', async () => {
  const hub = await startHub(goodAnswers(model));
  const store = openOffline({
    cacheDir: await tempFolder(),
    modelDir: await modelDirFor(model),
    hfEndpoint: `${hub.url}/`,
  });
  const files = await store.pull('tiny');
  expect(await digestOf(files.weights!)).toBe(sha256(weights.body));
  expect(hub.asked).toEqual([
    '/tests/tiny/resolve/c0ffee/model.safetensors',
    '/tests/tiny/resolve/c0ffee/nested/config.json',
  ]);
});

test('redirects are followed, as the hub sends large files to its storage', async () => {
  const answers = goodAnswers(model);
  answers['/storage/1'] = answers[place]!;
  answers[place] = (_request, response) => response.writeHead(302, { location: '/storage/1' }).end();
  const hub = await startHub(answers);
  const files = await openOffline({
    cacheDir: await tempFolder(),
    modelDir: await modelDirFor(model),
    hfEndpoint: hub.url,
  }).pull('tiny');
  expect(await digestOf(files.weights!)).toBe(sha256(weights.body));
});

test('user and password of a mirror go to it, and neither into the log nor into the error with its commands', async () => {
  const hub = await startHub({ [place]: (_request, response) => response.writeHead(403).end() });
  const logged: string[] = [];
  const store = openOffline({
    cacheDir: await tempFolder(),
    modelDir: await modelDirFor(model),
    hfEndpoint: hub.url.replace('//', '//bob:s3cret%40@'),
    log: createLogger('trace', { write: (line) => void logged.push(line) }),
  });
  const error = await store.pull('tiny').catch((it) => it);
  expect(hub.logins).toEqual([`Basic ${Buffer.from('bob:s3cret@').toString('base64')}`]);
  expect(error.hint).toContain(`curl -fL --create-dirs -o tiny/$f ${hub.url}/`);
  const told = [error.message, error.hint, ...logged].join('\n');
  expect(told).toContain(`Hugging Face (${hub.url})`);
  expect(told).not.toMatch(/bob|s3cret/);
});

describe('a hub that fails is told:', () => {
  test('other bytes', async () => {
    const hub = await startHub({ ...goodAnswers(model), [place]: send(Buffer.alloc(weights.body.length)) });
    expect(await failureOf(hub.url)).toMatch(
      /model\.safetensors: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}; refused, nothing was kept/,
    );
  });

  test('another size, before a byte of it is taken', async () => {
    const hub = await startHub({ ...goodAnswers(model), [place]: send(Buffer.alloc(7)) });
    expect(await failureOf(hub.url)).toContain('model.safetensors: expected 200000 bytes, got 7');
  });

  test('more bytes than announced by the manifest, without a length', async () => {
    const hub = await startHub({ [place]: (_request, response) => response.writeHead(200).end(Buffer.alloc(300_000)) });
    expect(await failureOf(hub.url)).toContain('model.safetensors: expected 200000 bytes, got more');
  });

  test('fewer bytes, without a length', async () => {
    const hub = await startHub({
      [place]: (_request, response) => response.writeHead(200).end(weights.body.subarray(0, 1000)),
    });
    expect(await failureOf(hub.url)).toContain('model.safetensors: expected 200000 bytes, got 1000');
  });

  test('a connection that ends in the middle', async () => {
    const hub = await startHub({
      [place]: (_request, response) => {
        response.writeHead(200, { 'content-length': weights.body.length });
        response.write(weights.body.subarray(0, 1000), () => response.destroy());
      },
    });
    expect(await failureOf(hub.url)).toContain(
      'model.safetensors: expected 200000 bytes, the connection ended after 1000',
    );
  });

  test.each([401, 403, 404, 500])('status %i, asked once', async (status) => {
    const hub = await startHub({ [place]: (_request, response) => response.writeHead(status).end('no') });
    expect(await failureOf(hub.url)).toContain(`/tests/tiny/resolve/c0ffee/model.safetensors answered ${status}`);
    expect(hub.asked).toHaveLength(1);
  });

  test('no answer', async () => {
    const hub = await startHub({ [place]: () => {} });
    expect(await failureOf(hub.url)).toContain('did not answer within 1 s');
  });

  test('silence in the middle', async () => {
    const hub = await startHub({
      [place]: (_request, response) => {
        response.writeHead(200, { 'content-length': weights.body.length });
        response.write(weights.body.subarray(0, 1000));
      },
    });
    expect(await failureOf(hub.url)).toContain('sent nothing for 1 s');
  });

  test('drops, each before silence would be told', async () => {
    const hub = await startHub({
      [place]: (_request, response) => {
        response.writeHead(200, { 'content-length': weights.body.length });
        const dripping = setInterval(() => response.write(weights.body.subarray(0, 10)), 100);
        response.on('close', () => clearInterval(dripping));
      },
    });
    expect(await failureOf(hub.url)).toMatch(/sent \d+ bytes in 2 s, which is too slow/);
  });

  test('a refused connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(`http://127.0.0.1:${port}`)).toContain(`127.0.0.1:${port} refused the connection`);
  });

  test('a connection that is never taken', async () => {
    const port = await deafPort();
    expect(await failureOf(`http://127.0.0.1:${port}`)).toContain(`no connection to 127.0.0.1:${port} within 1 s`);
  });

  test('a name that nobody knows', async () => {
    expect(await failureOf('https://hub.invalid')).toMatch(
      /the name hub\.invalid (is not known here|could not be looked up)/,
    );
  });

  test('plain HTTP to another machine, also after a redirect', async () => {
    expect(await failureOf('http://192.0.2.1')).toContain('expected an https:// address, got http://192.0.2.1');
    const away = await startHub({
      [place]: (_request, response) => response.writeHead(302, { location: 'http://192.0.2.1/x' }).end(),
    });
    expect(await failureOf(away.url)).toContain('expected an https:// address, got http://192.0.2.1');
  });

  test('a redirect to what is no address, without the login that the first one had', async () => {
    const hub = await startHub({
      [place]: (_request, response) => response.writeHead(302, { location: 'http://[bad' }).end(),
    });
    expect(await failureOf(hub.url)).toContain(`${new URL(hub.url).host} redirected to what is no address`);
  });

  test('redirects in a circle', async () => {
    const hub = await startHub({ [place]: (_request, response) => response.writeHead(307, { location: place }).end() });
    expect(await failureOf(hub.url)).toContain('redirected more than 5 times');
  });
});

/** A port whose server is stopped and whose waiting line is full: the kernel answers no further connection. */
async function deafPort(): Promise<number> {
  const source =
    "const s = require('net').createServer().listen({port: 0, host: '127.0.0.1', backlog: 1}, () => console.log(s.address().port))";
  const server = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    if (server.signalCode === null) await once(server, 'exit');
  });
  const port = Number(String((await once(server.stdout, 'data'))[0]));
  server.kill('SIGSTOP');
  for (let taken = true; taken; ) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    taken = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.setTimeout(500, () => resolve(false));
    });
  }
  return port;
}
