import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEmail, signUp } from '../../../../tests/support/accounts.ts';
import { freePort } from '../../../../tests/support/own-broker.ts';
import { type Running, runAuth, runGateway, runItems } from '../../../../tests/support/services.ts';
import {
  claimsOf,
  logInOffline,
  refresh,
  refreshed,
  type Tokens,
} from '../../../../tests/support/sessions.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';
import { untilHealthy } from '../../../../tools/stack/ready-check.ts';
import type { StoredSession } from './stored-session.ts';

let bed: Testbed;
let gateway: Running;
let replicas: ChildProcess[];

/** A process of auth, which can be killed. */
async function spawnAuth(): Promise<{ child: ChildProcess; url: string }> {
  const [port, privatePort] = [await freePort(), await freePort()];
  const env = { ...process.env, ...bed.env, PORT: String(port), PRIVATE_PORT: String(privatePort) };
  const child = spawn(process.execPath, ['services/auth/src/main.ts'], { env, stdio: 'ignore' });
  bed.stopLater(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const ready = `http://127.0.0.1:${privatePort}/health/ready`;
  expect(await untilHealthy(ready, AbortSignal.timeout(60_000))).toBe(true);
  return { child, url: `http://127.0.0.1:${port}` };
}

beforeAll(async () => {
  bed = await startTestbed();
  const own = await runAuth(bed);
  const items = await runItems(bed, own);
  const spawned = await Promise.all([spawnAuth(), spawnAuth()]);
  replicas = spawned.map(({ child }) => child);
  gateway = await runGateway(
    bed,
    {
      AUTH_URL: spawned.map(({ url }) => url).join(','),
      ITEMS_URL: items.url,
      NOTIFIER_URL: await nobodyAt(),
    },
    ['/emails'],
  );
}, 120_000);
afterAll(() => bed.stop());

test('given clients that refresh all the time in two tabs each, when a replica is killed, then nobody is thrown out', async () => {
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const email = newEmail();
      await signUp(gateway.client, email);
      return logInOffline(gateway.client, email);
    }),
  );
  const outcomes: number[] = [];
  let isOver = false;
  let turns = 0;

  async function once(tokens: Tokens): Promise<Tokens> {
    for (;;) {
      const { status, body } = await refresh(gateway.client, tokens.refresh_token);
      outcomes.push(status);
      if (status === 200) return body as Tokens;
      // A client tries again after a 503; anything else would end its session.
      if (status !== 503) throw new Error(`a refresh answered ${status}`);
    }
  }

  async function goOn(first: Tokens): Promise<Tokens> {
    let tokens = first;
    while (!isOver) {
      const [one, other] = await Promise.all([once(tokens), once(tokens)]);
      turns += 1;
      // Whichever tab answers last sets the cookie of both.
      tokens = turns % 2 === 0 ? one : other;
    }
    return tokens;
  }

  const running = Promise.all(clients.map(goOn));
  await expect.poll(() => turns, { timeout: 60_000 }).toBeGreaterThan(40);
  const before = turns;
  replicas[0]?.kill('SIGKILL');
  await expect.poll(() => turns, { timeout: 60_000 }).toBeGreaterThan(before + 40);
  isOver = true;
  const last = await running;
  expect(new Set(outcomes)).toContain(200);
  for (const [n, tokens] of last.entries()) {
    expect(claimsOf(tokens.access_token).sid).toBe(claimsOf(clients[n]?.access_token ?? '').sid);
    expect((await gateway.client('GET', '/users/me', { token: tokens.access_token })).status).toBe(200);
    await refreshed(gateway.client, tokens.refresh_token);
  }
}, 180_000);

test('given the database takes a refresh and its answer is lost for longer than 10 s, then the same token works afterwards', async () => {
  const proxy = await startTcpProxy(bed, bed.env.MONGODB_URL ?? '');
  const cutOff = await runAuth(bed, { MONGODB_URL: proxy.url });
  const email = newEmail();
  await signUp(gateway.client, email);
  const tokens = await logInOffline(gateway.client, email);
  const sessions = bed.database.db.collection<StoredSession>('sessions');
  const rotated = { _id: new ObjectId(claimsOf(tokens.access_token).sid), generation: 1 };
  const blocked = proxy.cutAnswersAt('$literal');
  const failing = refresh(cutOff.client, tokens.refresh_token);
  await blocked;
  await expect.poll(() => sessions.countDocuments(rotated), { timeout: 10_000 }).toBe(1);
  expect((await failing).status).toBe(503);
  const session = await sessions.findOne(rotated);
  const writtenAt = session?.rotations[0]?.at ?? expect.fail();
  const longAgo = new Date(writtenAt.getTime() - 60_000);
  await sessions.updateOne(rotated, { $set: { 'rotations.0.at': longAgo } });
  proxy.mend();
  const usedAt = async () => (await sessions.findOne(rotated))?.rotations[0]?.at.getTime();
  await expect.poll(usedAt, { timeout: 10_000 }).toBeGreaterThan(writtenAt.getTime());
  await refreshed(gateway.client, tokens.refresh_token);
}, 120_000);
