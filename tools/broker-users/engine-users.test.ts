import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { recordOf } from '@quartet/common/service/description.ts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startBroker } from '../engines/index.ts';
import { allBrokerUsers, authorizationBlock, type BrokerPasswords } from './engine-users.ts';

let dataDir: string;
const passwords: BrokerPasswords = {
  ...recordOf(allBrokerUsers, (user) => `of ${user}`),
  gateway: 'g "quoted" \\ $word',
  auth: '$NATS_PASSWORD_AUTH',
  items: 'i',
  notifier: 'n',
  admin: 'a',
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'quartet-users-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
});

async function startWithUsers(env: NodeJS.ProcessEnv = {}) {
  const authorization = authorizationBlock(passwords, undefined);
  const engine = await startBroker({
    dataDir,
    authorization,
    env: { ...process.env, NATS_URL: '', ...env },
  });
  onTestFinished(() => engine.stop());
  return async (user?: string, pass?: string) => {
    const login = user === undefined || pass === undefined ? {} : { user, pass };
    const connection = await connect({ servers: engine.url, reconnect: false, ...login });
    await connection.close();
  };
}

// A container does not get our environment.
describe.skipIf(process.env.ENGINES === 'docker')('a broker with users', () => {
  it('accepts only their passwords, plain ones and those from its environment', async () => {
    const logIn = await startWithUsers({ NATS_PASSWORD_AUTH: 'from-the-environment' });
    await logIn('gateway', passwords.gateway);
    await logIn('auth', 'from-the-environment');
    await logIn('admin', 'a');
    await expect(logIn()).rejects.toThrow('Authorization Violation');
    await expect(logIn('auth', '$NATS_PASSWORD_AUTH')).rejects.toThrow('Authorization Violation');
    await expect(logIn('items', 'n')).rejects.toThrow('Authorization Violation');
    await expect(logIn('admin', '')).rejects.toThrow('Authorization Violation');
  });

  it('hides its configuration from others, even when a readable one existed', async () => {
    const file = join(dataDir, 'nats-server.conf');
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, 'port: 1', { mode: 0o644 });
    await startWithUsers({ NATS_PASSWORD_AUTH: 'x' });
    expect(await readFile(file, 'utf8')).toContain('user: notifier, password: "n"');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
