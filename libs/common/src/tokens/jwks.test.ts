import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { runProxied } from '../../../../tests/support/run-proxied.ts';
import { recordingLog } from '../../test/event-kit.ts';
import { type HttpServer, listen } from '../http/server/server.ts';
import { fetchKeys, JWKS_PATH } from './jwks.ts';

const { log, lines } = recordingLog();
const servers: HttpServer[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(servers.splice(0).map((server) => server.drain()));
});

const jwk = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'jwk' }),
  kid,
  alg: 'ES256',
  use: 'sig',
});

/** auth as far as its keys go. */
async function startAuth() {
  const state = { status: 200, body: JSON.stringify({ keys: [jwk('k1')] }), asked: 0 };
  const server = await listen(
    (req, res) => {
      state.asked += 1;
      res.statusCode = req.url === JWKS_PATH ? state.status : 404;
      res.setHeader('Connection', 'close').end(state.body);
    },
    '127.0.0.1',
    0,
  );
  servers.push(server);
  return { state, url: `http://127.0.0.1:${server.port}` };
}

const never = new AbortController().signal;

test.each([
  ['answers 503', 503, '{}'],
  ['answers no keys at all', 200, '<html>'],
  ['answers keys of another kind', 200, JSON.stringify({ keys: [{ kty: 'RSA' }] })],
])('given auth that %s at first, then it waits until there are keys', async (_name, status, body) => {
  const { state, url } = await startAuth();
  const good = state.body;
  Object.assign(state, { status, body });
  const fetching = fetchKeys([url], log, never);
  await expect.poll(() => state.asked).toBeGreaterThan(1);
  Object.assign(state, { status: 200, body: good });
  const keys = await fetching;
  expect((await keys.find('k1'))?.asymmetricKeyType).toBe('ec');
  expect(lines().some(({ msg }) => msg === "waiting for auth's keys")).toBe(true);
});

test('given unavailable auth, then the wait can be aborted', async () => {
  const controller = new AbortController();
  const fetching = fetchKeys(['http://127.0.0.1:1'], log, controller.signal);
  controller.abort();
  await expect(fetching).rejects.toThrow(/abort/i);
});

test('given unavailable auth, then the log says what failed at each address', async () => {
  const controller = new AbortController();
  const urls = ['http://127.0.0.1:1', 'http://127.0.0.2:1'];
  const fetching = fetchKeys(urls, log, controller.signal);
  const said = () => lines().find(({ reason }) => String(reason).includes('127.0.0.2'))?.reason;
  await expect.poll(said).toMatch(/ECONNREFUSED 127\.0\.0\.1:1; .*ECONNREFUSED 127\.0\.0\.2:1/);
  controller.abort();
  await expect(fetching).rejects.toThrow(/abort/i);
});

test('given auth that accepts the connection and never answers, then the request ends at its time limit', async () => {
  const server = await listen(() => {}, '127.0.0.1', 0);
  servers.push(server);
  const controller = new AbortController();
  const fetching = fetchKeys([`http://127.0.0.1:${server.port}`], log, controller.signal);
  const said = () => lines().some(({ reason }) => String(reason).includes(`:${server.port}`));
  await expect.poll(said).toBe(true);
  controller.abort();
  await expect(fetching).rejects.toThrow(/abort/i);
});

test('given a proxy in the environment, then auth is asked directly and the proxy is not', async () => {
  const { url } = await startAuth();
  const code = `
    import { fetchKeys } from ${JSON.stringify(new URL('./jwks.ts', import.meta.url))};
    const log = { info: ({ reason }) => console.log(reason) };
    const keys = await fetchKeys([${JSON.stringify(url)}], log, AbortSignal.timeout(5_000));
    console.log(keys.has('k1') ? 'found' : 'not found');
    process.exit(0);`;
  const { said, asked } = await runProxied(['--input-type=module', '--eval', code]);
  expect({ said, asked }).toEqual({ said: 'found\n', asked: [] });
});

test('given a hundred forged key ids, then auth is asked once in 5 s, and a known key never waits', async () => {
  const { state, url } = await startAuth();
  const { find } = await fetchKeys([url], log, never);
  const forge = () => Promise.all(Array.from({ length: 300 }, (_, n) => find(`forged-${n}`)));
  expect(new Set(await forge())).toEqual(new Set([undefined]));
  expect(state.asked).toBe(1);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_001 });
  await forge();
  expect(state.asked).toBe(2);
  vi.setSystemTime(Date.now() + 4_900);
  await forge();
  expect(state.asked).toBe(2);
});

test('given a rotated key, then it is known at its first use', async () => {
  const { state, url } = await startAuth();
  const { find } = await fetchKeys([url], log, never);
  state.body = JSON.stringify({ keys: [jwk('k2'), jwk('k1')] });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_001 });
  const [first, second, old] = await Promise.all([find('k2'), find('k2'), find('k1')]);
  expect([first, second, old].every((key) => key?.asymmetricKeyType === 'ec')).toBe(true);
  expect(state.asked).toBe(2);
});

test('given auth that fails when asked again, then known keys remain valid and the next token makes another request', async () => {
  const { state, url } = await startAuth();
  const { find } = await fetchKeys([url], log, never);
  state.status = 500;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_001 });
  expect(await find('k2')).toBeUndefined();
  expect(await find('k1')).toBeDefined();
  state.status = 200;
  state.body = JSON.stringify({ keys: [jwk('k2')] });
  vi.setSystemTime(Date.now() + 5_001);
  expect(await find('k2')).toBeDefined();
});

test('given keys that change without requests, then within a minute a new key is known and a withdrawn one is not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { state, url } = await startAuth();
  const controller = new AbortController();
  const { has } = await fetchKeys([url], log, controller.signal);
  state.body = JSON.stringify({ keys: [jwk('k2')] });
  expect([has('k1'), has('k2')]).toEqual([true, false]);
  vi.advanceTimersByTime(60_000);
  await expect.poll(() => [has('k1'), has('k2')]).toEqual([false, true]);
  controller.abort();
  const { asked } = state;
  vi.advanceTimersByTime(600_000);
  expect(state.asked).toBe(asked);
});
