import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { startService } from '../../../../bench/service-process.ts';
import { logInAdmin } from '../../../../tests/support/accounts.ts';
import { fixture } from '../../../../tests/support/fixtures.ts';
import {
  addressesOf,
  runAuth,
  runGateway,
  runItems,
  runNotifier,
} from '../../../../tests/support/services.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';
import type { StatusPublic } from './status-schema.ts';

/** auth has a second replica, in a process that can be frozen; a proxy is between items and its database. */
const all = await fixture(async (bed) => {
  const auth = await runAuth(bed);
  const frozen = await startService('auth', bed.env);
  bed.stopLater(frozen.stop);
  const between = await startTcpProxy(bed, bed.env.MONGODB_URL ?? '');
  const items = await runItems(bed, auth, { MONGODB_URL: between.url });
  const notifier = await runNotifier(bed, auth);
  const gateway = await runGateway(bed, addressesOf({ auth, items, notifier }));
  return { auth, frozen, between, gateway, admin: await logInAdmin(gateway.client) };
});

/** The time of the slowest answer, without the time for which this process got no CPU: the gateway is in it, too. */
let slowestMs = 0;

async function readStatus(): Promise<StatusPublic> {
  const lag = monitorEventLoopDelay();
  lag.enable();
  const startedAt = performance.now();
  const { status, body, text } = await all.gateway.client('GET', '/status/', { token: all.admin });
  const tookMs = performance.now() - startedAt;
  lag.disable();
  slowestMs = Math.max(slowestMs, tookMs - lag.max / 1e6);
  if (status !== 200) throw new Error(`the status answered ${status}: ${text}`);
  return body as StatusPublic;
}

afterEach(() => {
  expect(slowestMs).toBeGreaterThan(0);
  expect(slowestMs).toBeLessThan(2_000);
});

const until = (expected: Partial<StatusPublic>) =>
  expect.poll(readStatus, { timeout: 30_000, interval: 100 }).toMatchObject(expected);

const replicasOf = (status: StatusPublic, service: string) =>
  status.services.find(({ name }) => name === service)?.replicas ?? [];

test('given a replica of auth that is frozen, then it is named within 2 s, and what the other one says is there', async () => {
  await until({ unanswered: [] });
  await expect.poll(async () => replicasOf(await readStatus(), 'auth'), { timeout: 20_000 }).toHaveLength(2);
  all.frozen.freeze();
  onTestFinished(() => all.frozen.thaw());
  await until({ unanswered: [{ part: 'replica', service: 'auth', replica: expect.any(String) }] });
  const status = await readStatus();
  const [silent] = status.unanswered;
  const replicas = replicasOf(status, 'auth');
  expect(replicas.map(({ is_ready }) => is_ready).toSorted()).toEqual([null, true]);
  expect(replicas.find(({ is_ready }) => is_ready === null)?.id).toBe(silent?.replica);
  expect(status.documents.map(({ service }) => service)).toEqual(['auth', 'items']);
  all.frozen.thaw();
  await until({ unanswered: [] });
});

test('given a database that does not answer items, then its replica says so, and its parts are unanswered', async () => {
  const cut = all.between.cut('never sent');
  cut.catch(() => undefined);
  const away = (part: 'outbox' | 'documents') => ({ part, service: 'items', replica: null });
  await until({ unanswered: [away('outbox'), away('documents')] });
  const status = await readStatus();
  expect(replicasOf(status, 'items')).toMatchObject([
    { is_ready: false, problems: ['the database does not answer'] },
  ]);
  expect(status.consumers.map(({ service }) => service)).toContain('items');
  expect(status.documents.map(({ service }) => service)).toEqual(['auth']);
  expect(JSON.stringify(status)).not.toContain(new URL(all.between.url).port);
  all.between.mend();
  await until({ unanswered: [] });
});

test('given all replicas of auth that are frozen, then auth is named within 2 s and the others are there', async () => {
  await all.auth.stop();
  await until({ unanswered: [] });
  all.frozen.freeze();
  onTestFinished(() => all.frozen.thaw());
  await until({ unanswered: [{ part: 'service', service: 'auth', replica: null }] });
  const status = await readStatus();
  expect(replicasOf(status, 'auth')).toMatchObject([{ is_ready: null }]);
  expect(replicasOf(status, 'items')).toMatchObject([{ is_ready: true }]);
  expect(status.documents.map(({ service }) => service)).toEqual(['items']);
});

test('given a broker that is frozen or dead, then it is named within 2 s, with all services', async (context) => {
  const { pid } = all.bed.brokerEngine;
  if (pid === undefined) return context.skip("somebody else's broker is not ours to stop");
  all.frozen.thaw();
  await until({ unanswered: [] });
  const nobody = [
    { part: 'broker', service: null, replica: null },
    ...['auth', 'items', 'notifier'].map((service) => ({ part: 'service', service, replica: null })),
  ] as StatusPublic['unanswered'];
  process.kill(pid, 'SIGSTOP');
  await until({ unanswered: nobody });
  expect(replicasOf(await readStatus(), 'gateway')).toMatchObject([{ is_ready: true }]);
  process.kill(pid, 'SIGCONT');
  await until({ unanswered: [] });

  process.kill(pid, 'SIGKILL');
  await until({ unanswered: nobody });
  await expect
    .poll(async () => replicasOf(await readStatus(), 'gateway')[0]?.notes, { timeout: 30_000 })
    .toEqual(['the broker is away: events wait, revocations come late']);
});
