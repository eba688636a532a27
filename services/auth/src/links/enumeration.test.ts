import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import type { Answer, Client } from '../../../../tests/support/client.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { measure, tellApart } from '../../../../tests/support/tell-apart.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

const EACH = 150;
/** Six standard deviations of what 150 against 150 equal ones would show by chance. */
const BY_CHANCE = 0.2;
/**
 * A hash of a lower cost is made up for in several steps, each with a wait of its own on a busy machine. Without them the
 * costs are told apart by more: if one asks at a time, since waiting for each other would hide it, and if the difference
 * (200 ms) is more than a busy machine adds.
 */
const BY_STEPS = 0.4;
const EACH_OF_STEPS = 25;
const PLENTY = {
  LIMIT_RECOVERIES_PER_EMAIL: '100000/minute',
  LIMIT_RECOVERIES_PER_ADDRESS: '100000/minute',
};

vi.setConfig({ testTimeout: 400_000 });

let bed: Testbed;
let auth: Client;
/** With limits, whose questions to the broker are part of an answer's time. */
let limited: Client;
/** With a higher cost of a hash. */
let raised: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed, { PASSWORD_HASH_ROUNDS: '8', EMAIL_VERIFICATION: 'optional' })).client;
  limited = (await runAuth(bed, { RATE_LIMITS: 'on', ...PLENTY })).client;
  raised = (await runAuth(bed, { PASSWORD_HASH_ROUNDS: '12' })).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

async function addresses() {
  const [known, inactive] = [await signUp(auth), await signUp(auth)];
  await adminUpdates(auth, admin, inactive.id, { is_active: false });
  return { known: known.email, inactive: inactive.email };
}

/** Asks in all the ways at once, and returns how long each took, in milliseconds. Answers must be equal. */
async function timesOf<K extends string>(
  ways: Record<K, (n: number) => Promise<Answer>>,
  { each, atATime }: { each: number; atATime: number },
): Promise<Record<K, number[]>> {
  const answers = new Set<string>();
  const asking = Object.entries<(n: number) => Promise<Answer>>(ways).map(([name, ask]) => [
    name,
    async (n: number) => {
      const { status, text } = await ask(n);
      answers.add(`${status} ${text}`);
    },
  ]);
  const times = await measure<K>(Object.fromEntries(asking), each, atATime);
  expect([...answers]).toHaveLength(1);
  return times;
}

/** By how much the best told of these are told apart: 0 not at all, 0.5 by a single request. */
function farthestApart(...groups: number[][]): number {
  const apart = groups.flatMap((one) => groups.map((other) => Math.abs(tellApart(one, other) - 0.5)));
  return Math.max(...apart);
}

const logInAs = (client: Client, username: string) =>
  client('POST', '/login/access-token', { form: { username, password: 'a wrong password' } });

test('given a wrong password, then known, inactive and unknown addresses look the same', async () => {
  const { known, inactive } = await addresses();
  const ways = {
    known: () => logInAs(auth, known),
    inactive: () => logInAs(auth, inactive),
    unknown: () => logInAs(auth, newEmail()),
  };
  const times = await timesOf(ways, { each: EACH, atATime: 4 });
  expect(farthestApart(...Object.values(times))).toBeLessThan(BY_CHANCE);
});

test('given a recovery, then known, inactive, unknown and impossible addresses look the same', async () => {
  const { known, inactive } = await addresses();
  const recover = (address: string) => auth('POST', `/password-recovery/${address}`);
  const ways = {
    known: () => recover(known),
    inactive: () => recover(inactive),
    unknown: () => recover(newEmail()),
    impossible: () => recover('no-address'),
  };
  const times = await timesOf(ways, { each: EACH, atATime: 12 });
  expect(farthestApart(...Object.values(times))).toBeLessThan(BY_CHANCE);
});

test('given a request to verify, then unverified, verified, unknown and impossible addresses look the same', async () => {
  const { known } = await addresses();
  const verified = newEmail();
  const body = { email: verified, password: PASSWORD, full_name: 'V', is_verified: true };
  expect((await auth('POST', '/private/users/', { body })).status).toBe(200);
  const ask = (email: string) => auth('POST', '/users/verification-email', { body: { email } });
  const ways = {
    unverified: () => ask(known),
    verified: () => ask(verified),
    unknown: () => ask(newEmail()),
    impossible: () => ask('no-address'),
  };
  const times = await timesOf(ways, { each: EACH, atATime: 12 });
  expect(farthestApart(...Object.values(times))).toBeLessThan(BY_CHANCE);
});

test('given five recoveries of one address at once, then they do not show whether the address is known', async () => {
  const { known } = await addresses();
  const five = async (address: string): Promise<Answer> => {
    const [first = expect.fail(), ...others] = await Promise.all(
      Array.from({ length: 5 }, () => limited('POST', `/password-recovery/${address}`)),
    );
    for (const { text } of others) expect(text).toBe(first.text);
    return first;
  };
  const ways = {
    known: () => five(known),
    unknown: () => five(newEmail()),
    // What an attacker would see if they were answered some hashes later: one is little beside five requests on a busy machine.
    later: async () => {
      const answer = await five(newEmail());
      for (let hashes = 0; hashes < 4; hashes += 1) await logInAs(auth, newEmail());
      return answer;
    },
  };
  const times = await timesOf(ways, { each: EACH, atATime: 1 });
  expect(farthestApart(times.unknown, times.later)).toBeGreaterThan(BY_CHANCE);
  expect(farthestApart(times.known, times.unknown)).toBeLessThan(BY_CHANCE);
});

test('given a user from before the cost was raised, then a wrong password takes the present time', async () => {
  const { known } = await addresses();
  const ways = {
    raisedSince: () => logInAs(raised, known),
    today: () => logInAs(raised, newEmail()),
    // What an attacker would see if the difference were not made up for.
    before: () => logInAs(auth, newEmail()),
  };
  const { raisedSince, today, before } = await timesOf(ways, { each: EACH_OF_STEPS, atATime: 1 });
  expect(farthestApart(before, today)).toBeGreaterThan(BY_STEPS);
  expect(farthestApart(raisedSince, today)).toBeLessThan(BY_STEPS);
});
