import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { logInAdmin, newEmail, newMember, PASSWORD, signUp } from '../../../tests/support/accounts.ts';
import { createFakeClock } from '../../../tests/support/fake-clock.ts';
import { expectTooMany, newAddress, tryPassword } from '../../../tests/support/limits.ts';
import { type Running, runAuth } from '../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';

vi.setConfig({ testTimeout: 120_000, expect: { poll: { timeout: 60_000 } } });

/** As many as may wait of one network. */
const ROOM = 100;
const FLOOD = 2 * ROOM + 25;
/** What may be hashed of a flood while somebody else's request comes in, is looked up and is hashed. */
const MEANWHILE = 10;
const LIMIT = 10;

let bed: Testbed;
/** Hashing takes long enough there for a flood to pile up. */
let slow: Running;
/** Likewise, and nothing there slows down wrong passwords. */
let lenient: Running;
let quick: Running;
let leaving: AbortController;

beforeAll(async () => {
  bed = await startTestbed();
  const env = {
    TRUSTED_PROXIES: '127.0.0.1',
    RATE_LIMITS: 'on',
    LIMIT_LOGIN_FAILURES_PER_ADDRESS: `${LIMIT}/day`,
    LOGIN_SLOWDOWN_AFTER: '1',
  };
  const clock = createFakeClock();
  slow = await runAuth(bed, { ...env, PASSWORD_HASH_ROUNDS: '13' }, clock);
  const many = { LIMIT_LOGIN_FAILURES_PER_ADDRESS: '1000/day', LOGIN_SLOWDOWN_AFTER: '1000' };
  lenient = await runAuth(bed, { ...env, ...many, PASSWORD_HASH_ROUNDS: '13' }, clock);
  quick = await runAuth(bed, env, clock);
});
afterAll(() => bed.stop());

beforeEach(() => {
  leaving = new AbortController();
});
afterEach(async () => {
  leaving.abort();
  for (const auth of [slow, lenient]) await expect.poll(() => waiting(auth)).toBe(0);
});

const waiting = async ({ metrics }: Running = slow) =>
  Number(/^quartet_password_hashes_waiting (\d+)$/m.exec(await metrics.metrics())?.[1]);

type Flood = { hashed: number; refused: { status: number; retryAfter: string | null }[] };

/** Many requests at once, from which the test walks away in the end. */
function flood(
  count: number,
  path: string,
  request: () => { body: string | URLSearchParams; headers: Record<string, string> },
  { url } = slow,
): Flood {
  const seen: Flood = { hashed: 0, refused: [] };
  const { signal } = leaving;
  for (let n = 0; n < count; n += 1) {
    void fetch(`${url}/api/v1${path}`, { method: 'POST', signal, ...request() }).then(
      ({ status, headers }) => {
        if (status === 200) seen.hashed += 1;
        else seen.refused.push({ status, retryAfter: headers.get('retry-after') });
      },
      () => undefined,
    );
  }
  return seen;
}

/** Sign-ups from one network, once as many of them wait for their hash as may. */
async function signUps(address: string): Promise<Flood> {
  const headers = { 'x-forwarded-for': address, 'content-type': 'application/json' };
  const seen = flood(FLOOD, '/users/signup', () => ({
    headers,
    body: JSON.stringify({ email: newEmail(), password: PASSWORD }),
  }));
  await expect.poll(() => waiting(), { interval: 5 }).toBe(ROOM);
  return seen;
}

test('given more passwords at once from one network than may wait, then other networks are answered meanwhile', async () => {
  const { email } = await signUp(quick.client);
  const member = await newMember(quick.client);
  const seen = await signUps(newAddress());
  const during = async (work: Promise<{ status: number }>) => {
    const before = seen.hashed;
    const { status } = await work;
    return { status, inTurn: seen.hashed - before < MEANWHILE };
  };
  const headers = { 'x-forwarded-for': newAddress() };
  const inTurn = await Promise.all([
    during(tryPassword(slow.client, email, PASSWORD)),
    during(tryPassword(slow.client, newEmail(), PASSWORD)),
    during(
      slow.client('POST', '/users/signup', { body: { email: newEmail(), password: PASSWORD }, headers }),
    ),
    during(
      slow.client('PATCH', '/users/me/password', {
        token: member.token,
        body: { current_password: PASSWORD, new_password: 'password2' },
        headers,
      }),
    ),
  ]);
  expect(inTurn).toEqual([200, 400, 200, 200].map((status) => ({ status, inTurn: true })));
});

test('given such a flood, then its network gets a refusal at once', async () => {
  const { refused } = await signUps(newAddress());
  await expect.poll(() => refused.length).toBeGreaterThan(ROOM);
  for (const { status, retryAfter } of refused) {
    expect(status).toBe(503);
    expect(retryAfter).toMatch(/^[1-9]\d*$/);
  }
});

test('given logins at a few accounts, which wait for each other before they are hashed, then the same number may wait', async () => {
  const [one, other] = [await signUp(quick.client), await signUp(quick.client)];
  let made = 0;
  const request = () => {
    made += 1;
    const { email } = made % 2 ? one : other;
    return {
      headers: { 'x-forwarded-for': '203.0.113.7' },
      body: new URLSearchParams({ username: email, password: PASSWORD }),
    };
  };
  const seen = flood(FLOOD, '/login/access-token', request, lenient);
  await expect.poll(() => FLOOD - seen.hashed - seen.refused.length).toBeLessThanOrEqual(ROOM);
  // A few are hashed while the others arrive; had they been hashed until no more than that waits, they would be more.
  expect(seen.hashed).toBeLessThan(ROOM);
  expect(new Set(seen.refused.map(({ status }) => status))).toEqual(new Set([503]));
});

test('given logins whose passwords were not compared, then they do not count as wrong', async () => {
  const accounts = Array.from({ length: LIMIT }, newEmail);
  const address = newAddress();
  await signUps(address);
  const left = [...accounts];
  const { refused } = flood(LIMIT, '/login/access-token', () => ({
    headers: { 'x-forwarded-for': address },
    body: new URLSearchParams({ username: left.pop() ?? '', password: 'wrong pass' }),
  }));
  // Some may have found a place that became free; they wait in vain, and are let go.
  await expect.poll(() => refused.length).toBeGreaterThan(LIMIT / 2);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
  leaving.abort();
  await expect.poll(() => waiting()).toBe(0);

  const wrong = (email: string) => tryPassword(quick.client, email, 'wrong pass', address);
  // An account that had counted one would let the next one wait for ever: the clock stands still.
  for (const email of accounts) expect((await wrong(email)).status).toBe(400);
  expectTooMany(await wrong(newEmail()));
});

test('given a superuser whose session ends while a new user waits for a hash, then nobody is made', async () => {
  const email = newEmail();
  const headers = { 'x-forwarded-for': newAddress(), 'content-type': 'application/json' };
  const token = await logInAdmin(quick.client);
  flood(ROOM / 2, '/users/signup', () => ({
    headers,
    body: JSON.stringify({ email: newEmail(), password: PASSWORD }),
  }));
  await expect.poll(() => waiting(), { interval: 5 }).toBeGreaterThan(ROOM / 4);
  const before = await waiting();
  const making = slow.client('POST', '/users/', { token, headers, body: { email, password: PASSWORD } });
  await expect.poll(() => waiting(), { interval: 5 }).toBeGreaterThanOrEqual(before);
  expect((await slow.client('POST', '/logout', { token })).status).toBe(200);
  expect((await making).status).toBe(403);
  expect(await bed.database.db.collection('users').countDocuments({ email })).toBe(0);
});
