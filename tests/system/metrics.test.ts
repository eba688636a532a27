import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** The keys are names with labels. */
async function scrape(at: number): Promise<Map<string, number>> {
  // Private ports are the public ones plus 1000.
  const { port } = new URL(stack.api);
  const response = await fetch(`http://127.0.0.1:${Number(port) + 1000 + at}/metrics`);
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

const [GATEWAY, AUTH, ITEMS, NOTIFIER] = [0, 1, 2, 3];

test('given a sign-up, then its event and its e-mail are counted, and the queues are empty in the end', async () => {
  const body = { email: 'counted@example.com', password: 'password1' };
  expect((await createClient(stack.api)('POST', '/users/signup', { body })).status).toBe(200);
  await waitForMail(stack.inbox, body.email, 'Welcome');
  await expect.poll(async () => (await scrape(NOTIFIER)).get('quartet_emails{status="sent"}')).toBe(1);
  const auth = await scrape(AUTH);
  expect(auth.get('quartet_password_hashes_waiting')).toBe(0);
  const signUp = 'method="POST",route="/users/signup",status="200"';
  expect(auth.get(`quartet_http_request_duration_seconds_count{${signUp}}`)).toBe(1);
  expect((await scrape(GATEWAY)).get(`quartet_http_request_duration_seconds_count{${signUp}}`)).toBe(1);
  // The two are the first superuser's and this one.
  expect(auth.get('quartet_events_published_total{type="user.created"}')).toBe(2);
  await expect.poll(async () => (await scrape(AUTH)).get('quartet_outbox_documents')).toBe(0);
  expect(auth.get('quartet_outbox_oldest_age_seconds')).toBeLessThan(60);
  const notifier = await scrape(NOTIFIER);
  expect(notifier.get('quartet_consumer_pending{consumer="notifier"}')).toBe(0);
  expect(notifier.get('quartet_dead_letters')).toBe(0);
  expect(notifier.get('quartet_emails{status="failed"}')).toBe(0);
});

test.each([GATEWAY, AUTH, ITEMS, NOTIFIER])(
  'then process %i exports metrics of the broker and of itself',
  async (at) => {
    const metrics = await scrape(at);
    expect(metrics.get('quartet_broker_connected')).toBe(1);
    expect(metrics.get('quartet_ready')).toBe(1);
    expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    expect(metrics.get('quartet_http_requests_in_flight')).toBe(0);
    if (at !== GATEWAY) {
      expect(metrics.get('quartet_database_pool_connections{state="idle"}')).toBeGreaterThan(0);
    }
  },
);
