import { afterAll, beforeAll, expect, test } from 'vitest';
import { logInAdmin } from '../../../../tests/support/accounts.ts';
import { freePort } from '../../../../tests/support/own-broker.ts';
import { type Running, runAuth, runGateway, runItems } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let next: Record<string, string>;

beforeAll(async () => {
  bed = await startTestbed();
  next = { SECRET_KEY: 'the next secret key', SECRET_KEY_PREVIOUS: String(bed.env.SECRET_KEY) };
});
afterAll(() => bed.stop());

const keyIdOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const status = async ({ client }: Running, token: string) =>
  (await client('GET', '/users/me', { token })).status;

test('given a new key while some replicas have only the old one, then tokens of either key are valid at both', async () => {
  const old = await runAuth(bed);
  const before = await logInAdmin(old.client);
  const rolled = await runAuth(bed, next);
  const since = await logInAdmin(rolled.client);
  expect(keyIdOf(since)).toBe(keyIdOf(before));
  for (const token of [before, since]) {
    expect([await status(old, token), await status(rolled, token)]).toEqual([200, 200]);
  }
});

test('given a key that every process had time to learn, then it signs, and the old one still verifies', async () => {
  const old = await runAuth(bed);
  const before = await logInAdmin(old.client);
  const items = await runItems(bed, old);
  const rolled = await runAuth(bed, { ...next, SECRET_KEY_ROLLOUT_MINUTES: '0' });
  const since = await logInAdmin(rolled.client);
  expect(keyIdOf(since)).not.toBe(keyIdOf(before));
  expect([await status(rolled, before), await status(rolled, since)]).toEqual([200, 200]);
  expect((await items.client('GET', '/items/', { token: before })).status).toBe(200);
});

test('given a key that leaked and is replaced without a previous one, then its tokens are invalid', async () => {
  const old = await runAuth(bed);
  const before = await logInAdmin(old.client);
  const replaced = await runAuth(bed, { SECRET_KEY: 'a key after a leak' });
  expect(await status(replaced, before)).toBe(403);
  expect(await status(replaced, await logInAdmin(replaced.client))).toBe(200);
});

test('given a rotation of two replicas one after the other under requests, then no request fails', async () => {
  const ports = [String(await freePort()), String(await freePort())];
  const onPort = (port: string, env: Record<string, string> = {}) =>
    runAuth(bed, { ...env, PORT: port, DRAIN_SECONDS: '3' });
  const replicas = await Promise.all(ports.map((port) => onPort(port)));
  const AUTH_URL = ports.map((port) => `http://127.0.0.1:${port}`).join(',');
  const [first] = replicas;
  if (!first) throw new Error('there is a first replica');
  const items = await runItems(bed, { ...first, url: AUTH_URL });
  const gateway = await runGateway(bed, { AUTH_URL, ITEMS_URL: items.url });
  const old = await logInAdmin(gateway.client);

  let rolling = true;
  const failed: unknown[] = [];
  let asked = 0;
  const caller = async () => {
    let token = old;
    while (rolling) {
      for (const path of ['/users/me', '/items/']) {
        for (const one of [old, token]) {
          const answer = await gateway.client('GET', path, { token: one });
          asked += 1;
          if (answer.status !== 200) failed.push([path, answer.status, answer.text]);
        }
      }
      token = await logInAdmin(gateway.client).catch((err: unknown) => {
        // A login whose connection broke in the middle is not sent twice; nothing else may fail.
        failed.push(['login', String(err)]);
        return token;
      });
    }
  };
  const calling = Promise.all(Array.from({ length: 4 }, caller));
  for (const [at, port] of ports.entries()) {
    await replicas[at]?.stop();
    await onPort(port, next);
    const before = asked;
    await expect.poll(() => asked).toBeGreaterThan(before + 20);
  }
  rolling = false;
  await calling;
  expect(failed).toEqual([]);
});
