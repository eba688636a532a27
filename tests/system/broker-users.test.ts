import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerAddress } from '@quartet/common/config/fields.ts';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findProcesses } from '../crash/faults/processes.ts';
import { newMember, signUp } from '../support/accounts.ts';
import { ADMIN, type Client, createClient, logIn } from '../support/client.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** All that services do is allowed; tools/broker-users/permissions.test.ts covers what is not. */
const { NATS_URL } = process.env;
let stack: Stack;
let call: Client;
let admin: string;
let operator: Broker;

const letters = z.object({ data: z.array(z.object({ id: z.string() })), count: z.number() });
const firstPort = () => Number(new URL(stack.api).port);

beforeAll(async () => {
  if (NATS_URL) return;
  stack = await startStack(['--restart', '100']);
  call = createClient(stack.api);
  admin = await logIn(call, ADMIN.email, ADMIN.password);
  operator = await connectBroker({
    ...brokerAddress.parse(stack.broker),
    namespace: stack.id,
    name: 'operator',
    log: createLog('test', 'silent'),
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  await operator?.close();
  await stack?.stop();
});

async function useEverything(name: string): Promise<void> {
  const member = await newMember(call, `${name}@example.com`);
  await waitForMail(stack.inbox, member.email, 'Welcome');
  const { body } = await call('POST', '/items/', { token: member.token, body: { title: 'an item' } });
  const { id } = z.object({ id: z.string() }).parse(body);
  await call('PATCH', `/items/${id}`, { token: member.token, body: { title: 'a title' } });
  await call('POST', `/password-recovery/${member.email}`);
  const token = tokenIn(await waitForMail(stack.inbox, member.email, 'Password recovery'));
  const new_password = 'another password';
  expect((await call('POST', '/reset-password/', { body: { token, new_password } })).status).toBe(200);
  await waitForMail(stack.inbox, member.email, 'Your password was changed');
  const refused = async () => (await call('GET', '/items/', { token: member.token })).status;
  await expect.poll(refused).toBe(403);
  await call('DELETE', `/users/${member.id}`, { token: admin });
  await waitForMail(stack.inbox, member.email, 'Your account was deleted');
  const items = async () => (await call('GET', '/items/', { token: admin })).body;
  await expect.poll(items).toMatchObject({ count: 0 });
}

async function administerDeadLetters(): Promise<void> {
  const { js, names } = operator;
  for (const text of ['no envelope', 'nor this']) await js.publish(names.event('password.changed'), text);
  const list = async () => letters.parse((await call('GET', '/dead-letters/', { token: admin })).body);
  await expect.poll(async () => (await list()).count).toBe(2);
  const [newest, oldest] = (await list()).data;
  expect((await call('GET', `/dead-letters/${newest?.id}`, { token: admin })).status).toBe(200);
  expect((await call('DELETE', `/dead-letters/${newest?.id}`, { token: admin })).status).toBe(200);
  expect((await call('POST', `/dead-letters/${oldest?.id}/replay`, { token: admin })).status).toBe(200);
  const again = async () => (await list()).data.map(({ id }) => id).filter((id) => id !== oldest?.id);
  await expect.poll(again).toHaveLength(1);
}

async function scrapeAll(): Promise<void> {
  for (const at of [0, 1, 2, 3]) {
    const response = await fetch(`http://127.0.0.1:${firstPort() + 1000 + at}/metrics`);
    expect(await response.text()).toContain('quartet_broker_connected 1');
  }
}

/** Returns the broker's log lines about missing permissions. */
async function violations(): Promise<string[]> {
  const log = await readFile(join(stack.dataDir, 'logs', 'broker.log'), 'utf8');
  return log.split('\n').filter((line) => /violation|authentication error/i.test(line));
}

describe.skipIf(NATS_URL)('a stack with a broker of its own', () => {
  test('given every feature, also after the broker was killed, then no permission is missing', async () => {
    await useEverything('before');
    await administerDeadLetters();
    await scrapeAll();
    await findProcesses(stack.dataDir).kill('broker');
    await useEverything('after');
    await expect.poll(scrapeAll, { timeout: 20_000 }).toBeUndefined();
    expect(await violations()).toEqual([]);
  });

  test('then a login without a password or with a wrong one fails', async () => {
    const { servers } = brokerAddress.parse(stack.broker);
    for (const login of [{}, { user: 'auth' }, { user: 'admin', password: 'changethis' }]) {
      const waiting = connectBroker({
        ...login,
        servers,
        name: 'stranger',
        log: createLog('test', 'silent'),
        signal: AbortSignal.timeout(1_000),
      });
      await expect(waiting).rejects.toThrow();
    }
    expect((await violations()).length).toBeGreaterThan(0);
  });

  test('then no password is in an argument, a log, or a file that others can read', async () => {
    await signUp(call, 'one-more@example.com');
    const config = join(stack.dataDir, 'broker', 'nats-server.conf');
    const passwords = [...(await readFile(config, 'utf8')).matchAll(/password: "([^"]+)"/g)].map(
      ([, it]) => it,
    );
    expect(new Set(passwords).size).toBe(5);
    for (const file of [config, join(stack.dataDir, 'broker-admin')]) {
      expect((await stat(file)).mode & 0o777, file).toBe(0o600);
    }
    const said = [...(await logTexts()), ...(await commandLines())].join('\n');
    for (const password of passwords) expect(said.includes(password ?? '')).toBe(false);
  });
});

async function logTexts(): Promise<string[]> {
  const folder = join(stack.dataDir, 'logs');
  return Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
}

async function commandLines(): Promise<string[]> {
  const { children } = z
    .object({ children: z.array(z.object({ pid: z.number() })) })
    .parse(JSON.parse(await readFile(join(stack.dataDir, 'stack.json'), 'utf8')));
  expect(children.length).toBeGreaterThan(5);
  return Promise.all(children.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
}
