import { describe, expect, test } from 'vitest';
import { newEmail, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, userEvent } from '../../../../tests/support/queue.ts';
import type { DeadLetterPublic } from './dead-letter-schemas.ts';

const { bed, auth, admin: token, notifier, call: gateway } = await allServicesFixture();
const direct = notifier.client;

const unknown = { detail: 'Dead letter not found' };

async function list(query = '', by: Client = direct) {
  const { status, body } = await by('GET', `/dead-letters/${query}`, { token });
  expect(status).toBe(200);
  return body as { data: DeadLetterPublic[]; count: number };
}

/** Puts a message into the stream that the notifier gives up at once. @returns its letter */
async function giveUp(text: string): Promise<DeadLetterPublic> {
  const { js, names } = bed.broker;
  const { count } = await list();
  await js.publish(names.event('password.changed'), text);
  await expect.poll(async () => (await list()).count, { timeout: 10_000 }).toBe(count + 1);
  const [newest] = (await list('?limit=1')).data;
  return newest ?? expect.fail();
}

const unreadable = (email: string) => {
  const event = userEvent('password.changed', { user_id: '650000000000000000000001', email, by: 'owner' });
  return { ...event, data: { email } };
};

describe('dead letters', () => {
  test.each([
    ['directly', () => direct],
    ['through the gateway', () => gateway],
  ])('when an admin asks %s, then they say what was given up by whom and why', async (_how, by) => {
    const event = unreadable(newEmail());
    const { id } = await giveUp(JSON.stringify(event));
    const { body } = await by()('GET', `/dead-letters/${id}`, { token });
    expect(body).toEqual({
      id,
      consumer: 'notifier',
      subject: 'password.changed',
      reason: expect.stringContaining('against its contract'),
      attempts: 1,
      event,
      first_seen_at: expect.stringMatching(/Z$/),
      dead_at: expect.stringMatching(/Z$/),
    });
    expect((await list('', by())).data[0]).toEqual(body);
  });

  test('given text that is no envelope, then it is shown as it is', async () => {
    expect(await giveUp('no JSON {')).toMatchObject({ event: 'no JSON {' });
  });

  test('then the newest is first, and a page is a part of the list', async () => {
    const older = await giveUp('older');
    const newer = await giveUp('newer');
    const { data, count } = await list();
    expect(data.slice(0, 2).map(({ id }) => id)).toEqual([newer.id, older.id]);
    expect(await list('?skip=1&limit=1')).toEqual({ data: [older], count });
  });

  test('given a consumer, then the list has only its dead letters', async () => {
    const { count } = await list();
    expect((await list('?consumer=notifier')).count).toBe(count);
    for (const consumer of ['items', 'nobody', '', '*', '>', 'noti', 'a b.c']) {
      const none = await list(`?consumer=${encodeURIComponent(consumer)}`);
      expect(none).toEqual({ data: [], count: 0 });
    }
  });

  test('when one is discarded, then it is deleted', async () => {
    const { id } = await giveUp('to be discarded');
    const { count } = await list();
    const answer = await direct('DELETE', `/dead-letters/${id}`, { token });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'Dead letter discarded' });
    expect((await list()).count).toBe(count - 1);
    expect((await direct('DELETE', `/dead-letters/${id}`, { token })).body).toEqual(unknown);
  });

  test('when one is replayed and fails again, then it becomes a dead letter again, with its history', async () => {
    const { id, reason, dead_at } = await giveUp('to be replayed');
    const answer = await direct('POST', `/dead-letters/${id}/replay`, { token });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'Dead letter replayed' });
    const again = async () => (await list()).data.find(({ event }) => event === 'to be replayed');
    await expect
      .poll(again, { timeout: 10_000 })
      .toMatchObject({ attempts: 2, history: [{ reason, attempts: 1, dead_at }] });
    expect((await again())?.id).not.toBe(id);
    expect((await direct('POST', `/dead-letters/${id}/replay`, { token })).status).toBe(404);
  });

  test.each(['0', '999999', '-1', '1.5', 'nonsense', '%20', '%00'])(
    'given an unknown id, %s, then the answer is a 404',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/dead-letters/${id}`],
        ['POST', `/dead-letters/${id}/replay`],
        ['DELETE', `/dead-letters/${id}`],
      ] as const) {
        const { status, body } = await direct(method, path, { token });
        expect(status).toBe(404);
        expect(body).toEqual(unknown);
      }
    },
  );
});

test('given no superuser, then the answer is a 401 or 403 before anything else', async () => {
  const member = await newMember(auth.client);
  await expectEmails(bed, member.email, 'welcome queued');
  for (const [method, path] of [
    ['GET', '/dead-letters/?limit=none'],
    ['GET', '/dead-letters/1'],
    ['POST', '/dead-letters/1/replay'],
    ['DELETE', '/dead-letters/1'],
  ] as const) {
    expect((await direct(method, path)).status).toBe(401);
    const refused = await direct(method, path, { token: member.token });
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({ detail: "The user doesn't have enough privileges" });
  }
});

test('given the broker is away, then the answer is a 503', async (context) => {
  if (bed.brokerEngine.pid === undefined) return context.skip("somebody else's broker is not ours to stop");
  await bed.brokerEngine.stop();
  const answer = await direct('GET', '/dead-letters/', { token });
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({ detail: 'Service unavailable' });
});
