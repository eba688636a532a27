import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, newMember, signUp } from '../../../../tests/support/accounts.ts';
import { WRONG } from '../../../../tests/support/attack.ts';
import { ADMIN, type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, eventsAbout } from '../../../../tests/support/events.ts';
import { expectTooMany, newAddress, runLimitedAuth, tryPassword } from '../../../../tests/support/limits.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { FORM, SPELLINGS } from '../../../../tests/support/spellings.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;

describe('one mailbox is one account', () => {
  let auth: Client;
  let admin: string;
  let ids: string[] = [];

  beforeAll(async () => {
    bed = await startTestbed();
    auth = (await runAuth(bed)).client;
    admin = await logInAdmin(auth);
  });
  afterEach(async () => {
    for (const id of ids) await auth('DELETE', `/users/${id}`, { token: admin });
    ids = [];
  });
  afterAll(() => bed.stop());

  const ada = async (spelling: string) => {
    const member = await newMember(auth, spelling);
    ids.push(member.id);
    return member;
  };
  const detail = (text: string) => ({ detail: text });

  test.each(SPELLINGS)(
    'given %j signs up, then all spellings log in, and none signs up again',
    async (own) => {
      const { email, password } = await ada(own);
      expect(email).toBe(FORM);
      for (const spelling of SPELLINGS) {
        expect(await logIn(auth, spelling, password)).toBeTruthy();
        const again = await auth('POST', '/users/signup', { body: { email: spelling, password } });
        expect(again).toMatchObject({
          status: 400,
          body: detail('The user with this email already exists in the system'),
        });
      }
    },
  );

  test('then an admin and a test cannot make a second one', async () => {
    const { password, full_name } = { ...(await ada(FORM)), full_name: 'Ada' };
    for (const email of SPELLINGS) {
      const body = { email, password, full_name };
      expect((await auth('POST', '/users/', { token: admin, body })).status).toBe(400);
      expect((await auth('POST', '/private/users/', { body })).status).toBe(400);
    }
  });

  test('then nobody else can move to it', async () => {
    await ada(FORM);
    const eve = await ada(newEmail());
    for (const email of SPELLINGS) {
      const body = { email };
      expect((await auth('PATCH', '/users/me', { token: eve.token, body })).status).toBe(409);
      expect((await auth('PATCH', `/users/${eve.id}`, { token: admin, body })).status).toBe(409);
    }
  });

  test('given another spelling of the own address, then nothing changes', async () => {
    const { id, token, email } = await ada(FORM);
    for (const spelling of SPELLINGS) {
      const { status, body } = await auth('PATCH', '/users/me', { token, body: { email: spelling } });
      expect({ status, body }).toMatchObject({ status: 200, body: { email } });
    }
    const types = (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
    expect(types).toEqual(['user.created']);
  });

  test('given a new address, then it is stored in its normalized form', async () => {
    const { id, token } = await ada(newEmail());
    const moved = await auth('PATCH', '/users/me', { token, body: { email: 'Bob@XN--Zrich-KVA.example' } });
    expect(moved.body).toMatchObject({ email: 'bob@zürich.example' });
    await adminUpdates(auth, admin, id, { email: 'eve@ｅｘａｍｐｌｅ.com' });
    expect((await auth('GET', '/users/me', { token })).body).toMatchObject({ email: 'eve@example.com' });
  });

  test('given a recovery for any spelling, then this user gets it, at the stored address', async () => {
    const { id } = await ada(SPELLINGS[1] ?? '');
    for (const spelling of SPELLINGS) {
      await auth('POST', `/password-recovery/${encodeURIComponent(spelling)}`);
      // A request that still waits in the outbox would stand for the next one.
      await allWishesTold(bed);
    }
    const asked = (await eventsAbout(bed, 'users', id)).slice(1).map(({ event }) => [event.type, event.data]);
    const request = ['password.reset-requested', { user_id: id, email: FORM }];
    expect(asked).toEqual(SPELLINGS.map(() => request));
  });

  test.each([
    ['no name', 'ada@127.0.0.1'],
    ['no name in other digits', 'ada@１２７.0.0.1'],
    ['no name in other numbers', 'ada@0x7f.1'],
    ['nothing', 'ada@\u00ad'],
    ['no dot', 'ada@localhost'],
    ['a mark first', 'ada@\u0301b.example'],
    ['what is no IDNA', 'ada@xn--a.example'],
  ])('given %s after the @-sign, then it is a 422', async (_what, email) => {
    const { status, body } = await auth('POST', '/users/signup', { body: { email, password: 'password1' } });
    expect({ status, body }).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'email'] }] } });
  });

  test('given 255 letters, or as many octets when written for SMTP, then it is a 422', async () => {
    for (const email of [`${'x'.repeat(243)}@example.com`, `${'x'.repeat(235)}@zürich.example`]) {
      const { status, body } = await auth('POST', '/users/signup', {
        body: { email, password: 'password1' },
      });
      expect(status).toBe(422);
      expect(JSON.stringify(body)).toContain('The email address is too long (');
    }
  });
});

describe('a limit counts mailboxes', () => {
  beforeEach(async () => {
    bed = await startTestbed();
  });
  afterEach(() => bed.stop());

  test('given recoveries by nine spellings, then they count for one address', async () => {
    const { replicas } = await runLimitedAuth(bed, { LIMIT_RECOVERIES_PER_EMAIL: '5/hour' });
    await signUp(replicas[0].client, FORM);
    const answers = [];
    for (const [n, spelling] of SPELLINGS.entries()) {
      const { client } = n % 2 ? replicas[0] : replicas[1];
      const headers = { 'x-forwarded-for': newAddress() };
      answers.push(await client('POST', `/password-recovery/${encodeURIComponent(spelling)}`, { headers }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429]);
    for (const answer of answers.slice(5)) expectTooMany(answer);
  });

  test('given wrong passwords by nine spellings, then they count for one account', async () => {
    const { replicas, clock } = await runLimitedAuth(bed, { LOGIN_SLOWDOWN_AFTER: '8' });
    const [{ client }] = replicas;
    const { password } = await newMember(client, FORM);
    for (const spelling of SPELLINGS.slice(0, 8)) {
      expect((await tryPassword(client, spelling, WRONG)).status).toBe(400);
    }
    const last = tryPassword(client, SPELLINGS[8] ?? '', password);
    await expect.poll(() => clock.sleepers()).toBe(1);
    clock.advance(1_000);
    expect((await last).status).toBe(200);
  });
});

test('given the first superuser in another spelling, then it is stored normalized', async () => {
  bed = await startTestbed();
  const { client } = await runAuth(bed, { FIRST_SUPERUSER: 'Boss@XN--Zrich-KVA.example' });
  for (const spelling of ['boss@zürich.example', 'boss@xn--zrich-kva.example']) {
    const token = await logIn(client, spelling, ADMIN.password);
    expect((await client('GET', '/users/me', { token })).body).toMatchObject({
      email: 'boss@zürich.example',
    });
  }
  await bed.stop();
});
