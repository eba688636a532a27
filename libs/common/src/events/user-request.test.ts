import { RequestError } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { connectTo, recordingLog } from '../../test/event-kit.ts';
import { isServiceAway, requestAddress, requestLink, serveUserRequests } from './user-request.ts';

let bed: Testbed;
const { log, lines } = recordingLog();
const ask = { by: 'event', event_id: 'an event', user_id: 'a'.repeat(24) } as const;
const link = { found: true, token: 'fresh', valid_hours: 48 } as const;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

/** Two connections in a namespace of their own: who asks and who answers. */
async function connectBoth(namespace: string) {
  const [asker, server] = await Promise.all(
    [1, 2].map(() => connectTo(bed.env.NATS_URL ?? '', log, namespace)),
  );
  if (!asker || !server) throw new Error('no connection');
  bed.stopLater(async () => {
    await Promise.all([asker.broker.close(), server.broker.close()]);
  });
  return { asker: asker.broker, server: server.broker };
}

test('given no process that answers, when a request is sent, then it fails at once and auth counts as away', async () => {
  const { asker } = await connectBoth('req_nobody');
  const error = await requestLink(asker, ask).catch((err: unknown) => err);
  expect(isServiceAway(error)).toBe(true);
  // The broker said so; it is not that nobody answered in time.
  expect(error instanceof RequestError && error.isNoResponders()).toBe(true);
});

test('given several replicas, when a request is sent, then one of them answers', async () => {
  const { asker, server } = await connectBoth('req_answer');
  const asked: unknown[] = [];
  const answer = async (request: unknown) => {
    asked.push(request);
    return link;
  };
  serveUserRequests(server, log, answer);
  serveUserRequests(server, log, answer);
  await server.nc.flush();
  expect(await requestLink(asker, ask)).toEqual(link);
  expect(asked).toEqual([ask]);
});

test('given several replicas, when an address is requested, then one answers, with an address for an existing user only', async () => {
  const { asker, server } = await connectBoth('req_address');
  const asked: unknown[] = [];
  serveUserRequests(server, log, async (request) => {
    asked.push(request);
    return asked.length === 1 ? { found: true, email: 'ada@example.com' } : { found: false };
  });
  await server.nc.flush();
  expect(await requestAddress(asker, ask.user_id)).toBe('ada@example.com');
  expect(await requestAddress(asker, ask.user_id)).toBeUndefined();
  const request = { by: 'user', user_id: ask.user_id };
  expect(asked).toEqual([request, request]);
});

test('given an auth of release 0.1.0, when links and addresses are requested, then it answers links only', async () => {
  const { asker, server } = await connectBoth('req_older');
  const subject = server.names.request('password-link');
  server.nc.subscribe(subject, {
    queue: 'auth',
    callback: (_err, message) => void message.respond(JSON.stringify(link)),
  });
  await server.nc.flush();
  expect(await requestLink(asker, ask)).toEqual(link);
  const error = await requestAddress(asker, ask.user_id).catch((err: unknown) => err);
  expect(isServiceAway(error)).toBe(true);
});

test.each([
  ['password-link', { by: 'user', user_id: ask.user_id }],
  ['user-address', ask],
])(
  'given the request %s, when it gets a body of the other kind, then it is refused',
  async (name, request) => {
    const { asker, server } = await connectBoth(`req_kinds_${name.replace('-', '_')}`);
    serveUserRequests(server, log, async () => link);
    await server.nc.flush();
    const reply = await asker.nc.request(asker.names.request(name), JSON.stringify(request));
    expect(reply.json()).toEqual({ failed: true });
  },
);

test('given a handler that fails, when a request arrives, then the sender gets no cause and the log has it', async () => {
  const { asker, server } = await connectBoth('req_fails');
  serveUserRequests(server, log, () => Promise.reject(new Error('the database is away')));
  await server.nc.flush();
  const error = await requestLink(asker, ask).catch((err: unknown) => err);
  expect(String(error)).toBe('Error: auth could not make a link');
  expect(isServiceAway(error)).toBe(false);
  expect(JSON.stringify(lines())).toContain('the database is away');
});

test('given a malformed request, when it arrives, then it is refused and the next one is answered', async () => {
  const { asker, server } = await connectBoth('req_bad');
  serveUserRequests(server, log, async () => link);
  await server.nc.flush();
  const reply = await asker.nc.request(asker.names.request('password-link'), 'not JSON');
  expect(reply.json()).toEqual({ failed: true });
  expect(await requestLink(asker, ask)).toEqual(link);
});
