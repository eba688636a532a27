import { RequestError } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { connectTo, recordingLog } from '../../test/event-kit.ts';
import { isServiceAway, requestLink, serveLinks } from './password-link-request.ts';

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

test('given nobody there, then it fails at once, as somebody who is away', async () => {
  const { asker } = await connectBoth('req_nobody');
  const error = await requestLink(asker, ask).catch((err: unknown) => err);
  expect(isServiceAway(error)).toBe(true);
  // The broker said so; it is not that nobody answered in time.
  expect(error instanceof RequestError && error.isNoResponders()).toBe(true);
});

test('given replicas that answer, then one of them does', async () => {
  const { asker, server } = await connectBoth('req_answer');
  const asked: unknown[] = [];
  const answer = async (request: unknown) => {
    asked.push(request);
    return link;
  };
  serveLinks(server, log, answer);
  serveLinks(server, log, answer);
  await server.nc.flush();
  expect(await requestLink(asker, ask)).toEqual(link);
  expect(asked).toEqual([ask]);
});

test('given an answer that fails, then the asker hears that and not why, and the log has the cause', async () => {
  const { asker, server } = await connectBoth('req_fails');
  serveLinks(server, log, () => Promise.reject(new Error('the database is away')));
  await server.nc.flush();
  const error = await requestLink(asker, ask).catch((err: unknown) => err);
  expect(String(error)).toBe('Error: auth could not make a link');
  expect(isServiceAway(error)).toBe(false);
  expect(JSON.stringify(lines())).toContain('the database is away');
});

test('given a request that is none, then it is refused and the next is answered', async () => {
  const { asker, server } = await connectBoth('req_bad');
  serveLinks(server, log, async () => link);
  await server.nc.flush();
  const reply = await asker.nc.request(asker.names.request('password-link'), 'not JSON');
  expect(reply.json()).toEqual({ failed: true });
  expect(await requestLink(asker, ask)).toEqual(link);
});
