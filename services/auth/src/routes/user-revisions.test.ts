import { describe, expect, test } from 'vitest';
import {
  adminUpdates,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
  type UserBody,
} from '../../../../tests/support/accounts.ts';
import { type Answer, logIn } from '../../../../tests/support/client.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { runAuth } from '../../../../tests/support/services.ts';

const { bed, auth, admin } = await authFixture();
const call = auth.client;
const replica = await runAuth(bed);

const failed = { status: 412, body: { detail: 'Precondition failed' } };
const tagOf = ({ headers }: Answer): string => headers.get('etag') ?? '';
const pathOf = ({ id }: { id: string }) => `/users/${id}`;
const read = (path: string, headers = {}) => call('GET', path, { token: admin, headers });

describe('the ETag of a user', () => {
  test('given every answer that is one user, then it has the revision', async () => {
    const fields = () => ({ email: newEmail(), password: PASSWORD, full_name: 'Ada' });
    expect(tagOf(await call('POST', '/users/', { token: admin, body: fields() }))).toBe('"0"');
    expect(tagOf(await call('POST', '/private/users/', { body: fields() }))).toBe('"0"');
    const body = fields();
    const signedUp = await call('POST', '/users/signup', { body });
    expect(tagOf(signedUp)).toBe('"0"');
    const token = await logIn(call, body.email, PASSWORD);
    const path = pathOf(signedUp.body as UserBody);
    const changed = await call('PATCH', '/users/me', { token, body: { full_name: 'Ada King' } });
    expect(tagOf(changed)).toBe('"1"');
    for (const [method, same] of [
      ['GET', '/users/me'],
      ['HEAD', '/users/me'],
      ['POST', '/login/test-token'],
      ['GET', path],
    ] as const) {
      expect(tagOf(await call(method, same, { token }))).toBe('"1"');
    }
    expect(tagOf(await call('PUT', path, { token: admin, body: { full_name: 'x' } }))).toBe('"2"');
    expect((await call('GET', '/users/', { token: admin })).headers.has('etag')).toBe(false);
  });

  test.each([
    ['full_name', () => ({ full_name: 'another' })],
    ['email, and with it is_verified', () => ({ email: newEmail() })],
    ['is_active', () => ({ is_active: false })],
    ['is_superuser', () => ({ is_superuser: true })],
    ['a password, and with it updated_at', () => ({ password: 'another password' })],
  ])('given a change of %s, then the tag is another', async (_what, patch) => {
    const path = pathOf(await signUp(call));
    const before = await read(path);
    await adminUpdates(call, admin, path.slice('/users/'.length), patch());
    const after = await read(path, { 'if-none-match': tagOf(before) });
    expect(after.status).toBe(200);
    expect(after.body).not.toEqual(before.body);
    expect(tagOf(after)).not.toBe(tagOf(before));
  });

  test('given an update that changes nothing, or a login, then the tag stays', async () => {
    const { token, ...user } = await newMember(call);
    await logIn(call, user.email, user.password);
    for (const body of [{}, { email: user.email }, { full_name: null }]) {
      expect(tagOf(await call('PATCH', '/users/me', { token, body }))).toBe('"0"');
    }
    await call('POST', '/logout', { token });
    expect(tagOf(await read(pathOf(user)))).toBe('"0"');
  });
});

test('given If-None-Match with the present tag, then the answer is 304 without a body', async () => {
  const { token, ...user } = await newMember(call);
  for (const [path, known] of [
    ['/users/me', '"0"'],
    ['/users/me', 'W/"1", W/"0"'],
    [pathOf(user), '*'],
  ] as const) {
    const answer = await call('GET', path, { token, headers: { 'if-none-match': known } });
    expect([answer.status, answer.text, tagOf(answer)]).toEqual([304, '', '"0"']);
  }
  const other = await newMember(call);
  const headers = { 'if-none-match': '*' };
  expect((await call('GET', pathOf(user), { token: other.token, headers })).status).toBe(403);
  expect((await read(`/users/${'f'.repeat(24)}`, headers)).status).toBe(404);
});

describe.each(['PUT', 'PATCH', 'DELETE'])('If-Match of a %s', (method) => {
  const write = (path: string, token: string, match: string, body: unknown = { full_name: 'written' }) =>
    call(method, path, {
      token,
      headers: { 'if-match': match },
      body: method === 'DELETE' ? undefined : body,
    });

  test.each(['"0"', '"7", "0"', '*'])('given %s and revision 0, then it is written', async (match) => {
    const { token } = await newMember(call);
    expect((await write('/users/me', token, match)).status).toBe(200);
    expect((await write(pathOf(await signUp(call)), admin, match)).status).toBe(200);
  });

  test.each(['"1"', 'W/"0"', '0', ''])(
    'given %s, then the answer is 412, and nothing is written',
    async (match) => {
      const { token, ...user } = await newMember(call);
      const before = await read(pathOf(user));
      expect(await write('/users/me', token, match)).toMatchObject(failed);
      expect(await write(pathOf(user), admin, match)).toMatchObject(failed);
      const after = await read(pathOf(user));
      expect([after.body, tagOf(after)]).toEqual([before.body, tagOf(before)]);
    },
  );

  test('given other faults, then those are answered first', async () => {
    const nobody = `/users/${'f'.repeat(24)}`;
    const { token } = await newMember(call);
    expect((await write(nobody, admin, '*')).status).toBe(404);
    expect((await write(nobody, token, '"9"')).status).toBe(403);
    expect((await write('/users/x', admin, '"9"')).status).toBe(400);
    if (method === 'DELETE') {
      expect((await write('/users/me', admin, '"999"')).status).toBe(403);
      return;
    }
    expect((await write(nobody, admin, '"9"', { full_name: 7 })).status).toBe(422);
    // An address that is taken is found out by the write, which does not happen.
    const taken = { email: (await signUp(call)).email };
    expect(await write('/users/me', token, '"9"', taken)).toMatchObject(failed);
    expect((await write('/users/me', token, '"0"', taken)).status).toBe(409);
  });
});

describe('given 50 writers with one ETag on two replicas', () => {
  const race = (path: string, method: string, bodyOf: (at: number) => unknown) =>
    Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 === 0 ? auth : replica).client(method, path, {
          token: admin,
          headers: { 'if-match': '"0"' },
          body: bodyOf(at),
        }),
      ),
    );

  test.each([
    ['name', (at: number) => ({ full_name: `by ${at}` })],
    ['address', () => ({ email: newEmail() })],
  ])('given another %s by each, then one succeeds, and 49 answers are 412', async (_what, bodyOf) => {
    const path = pathOf(await signUp(call));
    const answers = await race(path, 'PATCH', bodyOf);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(49).fill(412)]);
    const winner = answers.find(({ status }) => status === 200);
    const now = await read(path);
    expect([now.body, tagOf(now)]).toEqual([winner?.body, '"1"']);
  });

  test('given deletions, then one succeeds, and the others find nothing', async () => {
    const answers = await race(pathOf(await signUp(call)), 'DELETE', () => undefined);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(49).fill(404)]);
  });
});
