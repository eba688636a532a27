import { expect, test } from 'vitest';
import { ADMIN, logIn } from '../../../tests/support/client.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { runAuth, runGateway } from '../../../tests/support/services.ts';

const LOGINS = 16;
/** Enough for a hash to take some tens of milliseconds. */
const ROUNDS = '10';

const { client: call } = await fixture(async (bed) => {
  const auth = await runAuth(bed, { PASSWORD_HASH_ROUNDS: ROUNDS });
  return runGateway(bed, { AUTH_URL: auth.url });
});

test.each(['/utils/health-check/', '/utils/health-check'])(
  'given %s, then the answer is true for any caller',
  async (path) => {
    const { status, headers, text } = await call('GET', path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.has('x-powered-by')).toBe(false);
    expect(text).toBe('true');
    expect((await call('GET', path, { token: 'nonsense' })).text).toBe('true');
  },
);

test('given many logins in flight, then the health check does not wait for them', async () => {
  const startedAt = performance.now();
  let done = false;
  const logins = Promise.all(
    Array.from({ length: LOGINS }, () => logIn(call, ADMIN.email, ADMIN.password)),
  ).then((tokens) => {
    done = true;
    return tokens;
  });
  const times: number[] = [];
  while (!done) {
    const askedAt = performance.now();
    expect((await call('GET', '/utils/health-check/')).body).toBe(true);
    times.push(performance.now() - askedAt);
  }
  expect(await logins).toHaveLength(LOGINS);
  const oneLogin = (performance.now() - startedAt) / LOGINS;
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  // Hashing on the event loop would let at most one check through between two logins.
  expect(times.length).toBeGreaterThan(LOGINS);
  expect(median).toBeLessThan(oneLogin);
});
