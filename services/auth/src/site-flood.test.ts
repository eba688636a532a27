import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { newEmail, PASSWORD, signUp } from '../../../tests/support/accounts.ts';
import { newAddress, tryPassword } from '../../../tests/support/limits.ts';
import { type Running, runAuth } from '../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';

vi.setConfig({ testTimeout: 120_000, expect: { poll: { timeout: 60_000 } } });

/** More than may wait of one line. */
const FLOOD = 150;
/** What may be hashed of a flood while somebody else's request comes in, is looked up and is hashed. */
const MEANWHILE = 10;

let bed: Testbed;
let slow: Running;

beforeAll(async () => {
  bed = await startTestbed();
  slow = await runAuth(bed, { TRUSTED_PROXIES: '127.0.0.1', PASSWORD_HASH_ROUNDS: '13' });
});
afterAll(() => bed.stop());

const waiting = async () =>
  Number(/^quartet_password_hashes_waiting (\d+)$/m.exec(await slow.metrics.metrics())?.[1]);

test('given a sign-up from each of the many networks of one site, then a login elsewhere does not wait for them', async () => {
  const { email } = await signUp(slow.client);
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  let answered = 0;
  for (let n = 0; n < FLOOD; n += 1) {
    void fetch(`${slow.url}/api/v1/users/signup`, {
      method: 'POST',
      signal: leaving.signal,
      headers: { 'x-forwarded-for': `2001:db8:1:${n.toString(16)}::1`, 'content-type': 'application/json' },
      body: JSON.stringify({ email: newEmail(), password: PASSWORD }),
    }).then(
      ({ status }) => {
        if (status === 200) answered += 1;
      },
      () => undefined,
    );
  }
  await expect.poll(waiting, { interval: 5 }).toBeGreaterThan(50);
  const before = answered;
  const { status } = await tryPassword(slow.client, email, PASSWORD, newAddress());
  expect({ status, inTurn: answered - before < MEANWHILE }).toEqual({ status: 200, inTurn: true });
});
