import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { newEmail, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, queueOf, storedEmail } from '../../../../tests/support/queue.ts';
import type { Email } from '../emails/email.ts';

const MINUTE_MS = 60_000;

// Without an SMTP server, so that the e-mails stay as a test made them.
const { bed, auth, admin: token, notifier, call: gateway } = await allServicesFixture();
const direct = notifier.client;
beforeEach(() => queueOf(bed).deleteMany({}));

const read = async (path: string, by: Client = direct) => {
  const { status, body } = await by('GET', path, { token });
  expect(status).toBe(200);
  return body as { data: { id: string }[]; count: number };
};
const idsOf = async (path: string) => (await read(path)).data.map(({ id }) => id);

/** Stores e-mails, each a minute older than the one before it. */
async function store(...wanted: Partial<Email>[]): Promise<Email[]> {
  const emails = wanted.map((values, age) =>
    storedEmail({ created_at: new Date(Date.now() - age * MINUTE_MS), ...values }),
  );
  await queueOf(bed).insertMany(emails);
  return emails;
}

describe('the list of e-mails', () => {
  test.each([
    ['directly', () => direct],
    ['through the gateway', () => gateway],
  ])('when an admin asks %s, then it says what became of each, and not what is in it', async (_how, by) => {
    const sent_at = new Date();
    const [email] = await store({ status: 'sent', attempts: 2, sent_at, last_error: null });
    const wanted = {
      id: email?._id,
      kind: 'password-changed',
      to: 'somebody@example.com',
      subject: 'Quartet - Your password was changed',
      status: 'sent',
      attempts: 2,
      last_error: null,
      created_at: email?.created_at.toISOString(),
      updated_at: email?.updated_at.toISOString(),
      sent_at: sent_at.toISOString(),
    };
    expect(await read('/emails/', by())).toEqual({ data: [wanted], count: 1 });
    expect(await read(`/emails/${email?._id}`, by())).toEqual(wanted);
  });

  test('then the newest is first, a page is a part of the list, and the count is that of all', async () => {
    const ids = (await store({}, {}, {}, {}, {})).map(({ _id }) => _id);
    expect(await idsOf('/emails/')).toEqual(ids);
    expect(await idsOf('/emails?skip=1&limit=2')).toEqual(ids.slice(1, 3));
    expect(await read('/emails/?skip=9')).toEqual({ data: [], count: 5 });
  });

  test('given equal times, then the greater id is first', async () => {
    const created_at = new Date();
    const ids = (await store({ created_at }, { created_at }, { created_at })).map(({ _id }) => _id);
    expect(await idsOf('/emails/')).toEqual(ids.toSorted().toReversed());
  });

  test('given a status, then the list has only those', async () => {
    const statuses = ['queued', 'sent', 'failed', 'cancelled'] as const;
    await store(...statuses.flatMap((status) => [{ status }, { status }]));
    for (const status of statuses) {
      const { data, count } = await read(`/emails/?status=${status}&limit=1`);
      expect(data).toMatchObject([{ status }]);
      expect(count).toBe(2);
    }
  });

  test('given an address, then the list has only e-mails to the whole address, in any spelling', async () => {
    const [email] = await store(
      { to: 'ada@example.com' },
      { to: 'ada@example.com.au' },
      { to: 'a@b.example' },
    );
    for (const to of ['ada@example.com', ' ADA@Example.com ']) {
      expect(await read(`/emails/?to=${encodeURIComponent(to)}`)).toMatchObject({
        data: [{ id: email?._id }],
        count: 1,
      });
    }
    for (const to of ['ada', '@example.com', '', '.*', '%00', '{"$ne":1}']) {
      expect(await read(`/emails/?to=${encodeURIComponent(to)}`)).toEqual({ data: [], count: 0 });
    }
  });

  test('given both, then the list has only those that match both', async () => {
    const [wanted] = await store(
      { to: 'ada@example.com', status: 'failed' },
      { to: 'ada@example.com', status: 'sent' },
      { status: 'failed' },
    );
    expect(await idsOf('/emails/?to=ada@example.com&status=failed')).toEqual([wanted?._id]);
  });

  test('given invalid parameters, then the answer is a 422 that names all of them', async () => {
    const { status, body } = await direct('GET', '/emails/?status=lost&limit=0', { token });
    expect(status).toBe(422);
    const expected = "'queued', 'sent', 'failed' or 'cancelled'";
    expect(body).toMatchObject({
      detail: [
        {
          type: 'enum',
          loc: ['query', 'status'],
          msg: `Input should be ${expected}`,
          input: 'lost',
          ctx: { expected },
        },
        { type: 'greater_than_equal', loc: ['query', 'limit'] },
      ],
    });
  });
});

describe('one e-mail', () => {
  test.each([randomUUID(), '65f1c0ffee15600d5eed0001', 'nonsense', '%20', '%00', '$ne'])(
    'given an unknown id, %s, then the answer is a 404',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/emails/${id}`],
        ['POST', `/emails/${id}/retry`],
      ] as const) {
        const { status, body } = await direct(method, path, { token });
        expect(status).toBe(404);
        expect(body).toEqual({ detail: 'Email not found' });
      }
    },
  );
});

describe('when a failed e-mail is sent again', () => {
  const retry = (id: string | undefined) => direct('POST', `/emails/${id}/retry`, { token });

  test('then it is queued again, and only once by many requests at a time', async () => {
    const [email] = await store({
      status: 'failed',
      attempts: 12,
      last_error: '550 no',
      away_at: new Date(),
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => retry(email?._id)));
    const [won = [], lost = []] = [200, 409].map((status) =>
      answers.filter((each) => each.status === status),
    );
    expect([won.length, lost.length]).toEqual([1, 19]);
    expect(won[0]?.body).toEqual({ message: 'Email queued again' });
    for (const { body } of lost) expect(body).toEqual({ detail: 'Email has not failed' });
    const [queued] = await expectEmails(bed, 'somebody@example.com', 'password-changed queued');
    expect(queued).toMatchObject({ attempts: 12, away_at: null, last_error: 'SMTP_HOST is not set' });
  });

  test.each(['queued', 'sent', 'cancelled'] as const)(
    'given an e-mail that is %s, then the answer is a 409',
    async (status) => {
      const [email] = await store({ status });
      const answer = await retry(email?._id);
      expect(answer.status).toBe(409);
      expect(answer.body).toEqual({ detail: 'Email has not failed' });
      expect(await queueOf(bed).findOne({ _id: email?._id ?? '' })).toEqual(email);
    },
  );
});

test('given no superuser, then the answer is a 401 or 403 before anything else', async () => {
  const member = await newMember(auth.client, newEmail());
  for (const [method, path] of [
    ['GET', '/emails/?status=lost'],
    ['GET', '/emails/nonsense'],
    ['POST', '/emails/nonsense/retry'],
  ] as const) {
    expect((await direct(method, path)).status).toBe(401);
    const refused = await direct(method, path, { token: member.token });
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({ detail: "The user doesn't have enough privileges" });
  }
});
