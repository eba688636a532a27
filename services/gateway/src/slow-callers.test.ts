import { describe, expect, onTestFinished, test } from 'vitest';
import { logInAdmin } from '../../../tests/support/accounts.ts';
import { createClient } from '../../../tests/support/client.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { lines, openRaw } from '../../../tests/support/raw-http.ts';
import { addressesOf, runAllServices, runGateway } from '../../../tests/support/services.ts';
import { serviceNames } from '../../services.ts';

const PAUSE_MS = 100;
const BODY = JSON.stringify({ email: 'slow@example.com', password: 'password1' });
const HEAD = lines(
  'POST /api/v1/users/signup HTTP/1.1',
  'Host: a',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
);

const { bed, running, patient } = await fixture(async (bed) => {
  const running = await runAllServices(bed, { REQUEST_TIMEOUT_SECONDS: '1' });
  /** A gateway that has no such limit. */
  const patient = (await runGateway(bed, addressesOf(running))).url;
  return { running, patient };
});

/** Sends `atOnce`, then the rest a byte at a time until the connection ends. */
async function trickle(url: string, atOnce: string, rest: string): Promise<string> {
  const raw = await openRaw(url);
  raw.write(atOnce);
  let sent = 0;
  const sending = setInterval(() => {
    raw.write(rest[sent] ?? '');
    sent += 1;
  }, PAUSE_MS);
  onTestFinished(() => clearInterval(sending));
  await raw.closed;
  clearInterval(sending);
  // It was cut off for its pace, not because it had come to its end.
  expect(sent).toBeLessThan(rest.length);
  return raw.received();
}

const TIMEOUT =
  /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*X-Request-Id: [\s\S]*\{"detail":"Request Timeout"\}$/i;

describe.each(serviceNames)('given a caller of the %s that sends a byte at a time', (name) => {
  test('when it is in its header, then it gets a 408', async () => {
    expect(await trickle(running[name].url, '', HEAD)).toMatch(TIMEOUT);
  });
});

describe.each(['gateway', 'auth'] as const)('given a caller of %s with a body that is slow', (name) => {
  test('when it sends a byte at a time, then it gets a 408, and nothing is carried out', async () => {
    expect(await trickle(running[name].url, HEAD, BODY)).toMatch(TIMEOUT);
    const found = await bed.database.db.collection('users').countDocuments({ email: 'slow@example.com' });
    expect(found).toBe(0);
  });

  test('when it sends chunks of a byte, then it gets a 408', async () => {
    const head = HEAD.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
    expect(await trickle(running[name].url, head, '1\r\n \r\n'.repeat(100))).toMatch(TIMEOUT);
  });

  test('when the next request on its connection is slow, then the first is answered, and a 408 follows', async () => {
    const first = lines('GET /api/v1/users/me HTTP/1.1', 'Host: a');
    const received = await trickle(running[name].url, first, HEAD);
    expect([...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['401', '408']);
  });
});

test('given more slow bodies than the gateway has connections to a service, then others are answered meanwhile', async () => {
  const slow = await Promise.all(Array.from({ length: 300 }, () => openRaw(patient)));
  for (const raw of slow) raw.write(HEAD + BODY.slice(0, -1));
  const token = await logInAdmin(createClient(`${patient}/api/v1`));
  const answer = await createClient(`${patient}/api/v1`)('GET', '/users/me', { token });
  expect(answer.status).toBe(200);
  // They still wait: nothing but the rest of them is missing.
  expect(slow.map(({ received }) => received()).join('')).toBe('');
  for (const { socket } of slow) socket.destroy();
});
