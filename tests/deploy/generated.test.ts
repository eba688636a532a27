import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { connect } from '@nats-io/transport-node';
import { recordOf, settingName } from '@quartet/common/service/description.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allBrokerUsers } from '../../tools/broker-users/engine-users.ts';
import {
  browserOf,
  owners,
  passwordSetting,
  roleOf,
  userName,
  userOf,
} from '../../tools/database-users/definition.ts';
import { BROKER_FILE, DATABASE_FILE, deployFiles } from '../../tools/deploy-files/deploy-files.ts';
import { freePort, resolveBroker, startPlan } from '../../tools/engines/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each([...deployFiles()])(
  'given %s, then it is what npm run deploy:files writes',
  async (file, content) => {
    expect(await readFile(join(ROOT, file), 'utf8')).toBe(content);
  },
);

// A container does not get our environment.
describe.skipIf(process.env.ENGINES === 'docker')('the broker of the containers', () => {
  test('given passwords in its environment, then each user can log in with their own, and the broker is healthy', async () => {
    const [dataDir, port, healthPort] = [await tempFolder(), await freePort(), await freePort()];
    const passwords = allBrokerUsers.map((user) => [`NATS_PASSWORD_${settingName(user)}`, `p1${user}`]);
    const options = {
      dataDir,
      port,
      env: { ...process.env, NATS_URL: '', ...Object.fromEntries(passwords) },
    };
    const plan = await resolveBroker(options);
    if (plan.kind !== 'process') throw new Error('no broker of our own');
    const file = join(dataDir, 'nats-server.conf');
    const text = await readFile(join(ROOT, BROKER_FILE), 'utf8');
    await writeFile(file, text.replace('"/data"', JSON.stringify(dataDir)));
    const args = ['-c', file, '-a', '127.0.0.1', '-p', port, '-m', healthPort].map(String);
    const broker = await startPlan({ ...plan, args }, options);
    onTestFinished(() => broker.stop());

    for (const user of allBrokerUsers) {
      const connection = await connect({ servers: broker.url, user, pass: `p1${user}`, reconnect: false });
      await connection.close();
    }
    const wrong = connect({ servers: broker.url, user: 'items', pass: 'p1auth', reconnect: false });
    await expect(wrong).rejects.toThrow('Authorization Violation');
    const { status } = await fetch(`http://127.0.0.1:${healthPort}/healthz`);
    expect(status).toBe(200);
  });
});

describe('the script for mongosh', () => {
  const env: Record<string, string> = {
    DOCUMENTDB_DB: 'shop',
    ...recordOf(owners.map(passwordSetting), (setting) => `of ${setting}`),
    DATABASE_PASSWORD_AUTH: 'a "quoted" $',
    DATABASE_PASSWORD_NOTIFIER: '<database>',
  };

  /** Returns the script's commands for a server with these roles and users. */
  async function run(given: NodeJS.ProcessEnv, existing: object[]): Promise<unknown[]> {
    const sent: unknown[] = [];
    const runCommand = (command: object) => {
      if ('rolesInfo' in command || 'usersInfo' in command) return { roles: existing, users: existing };
      sent.push(command);
      return { ok: 1 };
    };
    const db = { getSiblingDB: (name: string) => (name === 'admin' ? { runCommand } : undefined) };
    runInNewContext(await readFile(join(ROOT, DATABASE_FILE), 'utf8'), { db, process: { env: given } });
    return JSON.parse(JSON.stringify(sent));
  }

  test.each([
    ['an empty server', [], 'createRole', 'createUser'],
    ['one that has them', [{}], 'updateRole', 'updateUser'],
  ])('given %s, then it sends what npm run database:users sends', async (_, existing, role, user) => {
    const expected = owners.flatMap((owner) => {
      const password = env[passwordSetting(owner)] ?? '';
      return [
        { [role]: userName('shop', owner), ...roleOf('shop', owner) },
        { [user]: userName('shop', owner), ...userOf('shop', owner, password) },
      ];
    });
    expect(await run(env, existing)).toEqual(expected);
  });

  test('given a password for the database in a browser, then it creates a user who can read this database', async () => {
    const made = (await run({ ...env, DATABASE_PASSWORD_BROWSER: 'b' }, [])).at(-1);
    expect(made).toEqual({ createUser: 'shop-browser', pwd: 'b', roles: [{ role: 'read', db: 'shop' }] });
    expect(made).toMatchObject(browserOf('shop', 'b'));
  });

  test('given no password for a service, then it fails and creates no user', async () => {
    await expect(run({ ...env, DATABASE_PASSWORD_ITEMS: '' }, [])).rejects.toThrow(
      'DATABASE_PASSWORD_ITEMS is needed',
    );
  });
});
