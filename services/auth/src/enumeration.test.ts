import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, signUp } from '../../../tests/support/accounts.ts';
import type { Answer, Client } from '../../../tests/support/client.ts';
import { runAuth } from '../../../tests/support/services.ts';
import { measure, tellApart } from '../../../tests/support/tell-apart.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';

const EACH = 150;
/** Six standard deviations of what 150 against 150 equal ones would show by chance. */
const BY_CHANCE = 0.2;
/**
 * A hash of a lower cost is made up for in several steps, each with a wait of its own on a busy machine. Other work is told
 * apart by more, if one asks at a time: waiting for each other would hide it.
 */
const BY_STEPS = 0.4;

vi.setConfig({ testTimeout: 120_000 });

let bed: Testbed;
/** Users of before the cost of a hash was raised. */
let before: Client;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  before = (await runAuth(bed, { PASSWORD_HASH_ROUNDS: '6' })).client;
  auth = (await runAuth(bed, { PASSWORD_HASH_ROUNDS: '8' })).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

async function addresses() {
  const [known, old, inactive] = [await signUp(auth), await signUp(before), await signUp(auth)];
  await adminUpdates(auth, admin, inactive.id, { is_active: false });
  return { known: known.email, old: old.email, inactive: inactive.email };
}

/** Asks in all the ways at once. Answers must be equal, their times must not tell the ways apart. */
async function compare<K extends string>(
  ways: Record<K, (n: number) => Promise<Answer>>,
  atATime = 4,
): Promise<number> {
  const answers = new Set<string>();
  const asking = Object.entries<(n: number) => Promise<Answer>>(ways).map(([name, ask]) => [
    name,
    async (n: number) => {
      const { status, text } = await ask(n);
      answers.add(`${status} ${text}`);
    },
  ]);
  const times = await measure<string>(Object.fromEntries(asking), EACH, atATime);
  expect([...answers]).toHaveLength(1);
  const groups = Object.values(times);
  const apart = groups.flatMap((one) => groups.map((other) => Math.abs(tellApart(one, other) - 0.5)));
  return Math.max(...apart);
}

const logInAs = (client: Client, username: string) =>
  client('POST', '/login/access-token', { form: { username, password: 'a wrong password' } });

test('given a wrong password, then nobody can tell known, inactive and unknown addresses apart', async () => {
  const { known, inactive } = await addresses();
  const apart = await compare({
    known: () => logInAs(auth, known),
    inactive: () => logInAs(auth, inactive),
    unknown: () => logInAs(auth, newEmail()),
  });
  expect(apart).toBeLessThan(BY_CHANCE);
});

test('given a recovery, then nobody can tell known, inactive, unknown and impossible addresses apart', async () => {
  const { known, inactive } = await addresses();
  const recover = (address: string) => auth('POST', `/password-recovery/${address}`);
  const ways = {
    known: () => recover(known),
    inactive: () => recover(inactive),
    unknown: () => recover(newEmail()),
    impossible: () => recover('no-address'),
  };
  const apart = await compare(ways, 12);
  expect(apart).toBeLessThan(BY_CHANCE);
});

test('given a user of before the cost was raised, then a wrong password takes the time of today', async () => {
  const { old } = await addresses();
  const ways = { old: () => logInAs(auth, old), unknown: () => logInAs(auth, newEmail()) };
  const apart = await compare(ways, 1);
  expect(apart).toBeLessThan(BY_STEPS);
});

test('given work that differs, then the comparison tells it', async () => {
  const ways = { more: () => logInAs(auth, newEmail()), less: () => logInAs(before, newEmail()) };
  const apart = await compare(ways, 1);
  expect(apart).toBeGreaterThan(BY_STEPS);
});
