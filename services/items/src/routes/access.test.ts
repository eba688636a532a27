import { beforeEach, describe, expect, test } from 'vitest';
import { adminUpdates, type Member, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import { forgedTokens, noTokens } from '../../../../tests/support/forged-tokens.ts';

let member: Member;

const { bed, auth: running, admin, call: items } = await itemsFixture();
const auth = running.client;
beforeEach(async () => {
  member = await newMember(auth);
});

const ID = 'ffffffffffffffffffffffff';

const routes: [method: string, path: string][] = [
  ['GET', '/items/'],
  ['POST', '/items/'],
  ['GET', `/items/${ID}`],
  ['PUT', `/items/${ID}`],
  ['PATCH', `/items/${ID}`],
  ['DELETE', `/items/${ID}`],
];

const listAs = async (token: string) => {
  const { status, body } = await items('GET', '/items/', { token });
  return { status, body };
};

/** auth answers once the broker has a revocation; this process's copy of it follows. */
const eventually = (token: string) => expect.poll(() => listAs(token), { timeout: 10_000, interval: 10 });

describe.each(routes)('%s %s', (method, path) => {
  test('given no or an invalid token, then 401 and 403 before id, query and body are checked', async () => {
    const faulty = `${path.replace(ID, 'no-id')}?limit=0`;
    const withBody = method === 'GET' ? {} : { raw: '{broken' };
    const unknown = await items(method, faulty, withBody);
    expect(unknown).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer');
    expect(await items(method, faulty, { token: 'x', ...withBody })).toMatchObject({
      status: 403,
      body: { detail: 'Could not validate credentials' },
    });
  });
});

test.each(noTokens)('given $name, then 401', async ({ headers }) => {
  const answer = await items('GET', '/items/', { headers });
  expect(answer).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('given a token with a defect, then 403', async () => {
  const refused = { status: 403, body: { detail: 'Could not validate credentials' } };
  for (const [fault, token] of await forgedTokens(bed, member)) {
    expect(await listAs(token), `a token that ${fault}`).toEqual(refused);
  }
});

describe('given a change of the user at auth, then items knows without a new login', () => {
  beforeEach(async () => {
    expect((await listAs(member.token)).status).toBe(200);
  });

  test('when it is deleted: 404', async () => {
    await auth('DELETE', '/users/me', { token: member.token });
    await eventually(member.token).toEqual({ status: 404, body: { detail: 'User not found' } });
  });

  test('when it is deactivated: 400, and reactivated: works again', async () => {
    await adminUpdates(auth, admin, member.id, { is_active: false });
    await eventually(member.token).toEqual({ status: 400, body: { detail: 'Inactive user' } });
    await adminUpdates(auth, admin, member.id, { is_active: true });
    await eventually(member.token).toMatchObject({ status: 200 });
  });

  test('when it is promoted and demoted: sees all items, then its own', async () => {
    await items('POST', '/items/', { token: admin, body: { title: "admin's" } });
    expect(await listAs(member.token)).toMatchObject({ body: { count: 0 } });
    await adminUpdates(auth, admin, member.id, { is_superuser: true });
    await eventually(member.token).toMatchObject({ body: { count: 1 } });
    await adminUpdates(auth, admin, member.id, { is_superuser: false });
    await eventually(member.token).toMatchObject({ body: { count: 0 } });
  });

  test('when it changes its password: its other sessions end', async () => {
    const other = await logIn(auth, member.email, PASSWORD);
    const body = { current_password: PASSWORD, new_password: 'password2' };
    await auth('PATCH', '/users/me/password', { token: member.token, body });
    await eventually(other).toEqual({ status: 403, body: { detail: 'Could not validate credentials' } });
    expect((await listAs(member.token)).status).toBe(200);
  });

  test('when an admin sets its password: all its sessions end', async () => {
    await adminUpdates(auth, admin, member.id, { password: 'password2' });
    await eventually(member.token).toMatchObject({ status: 403 });
    expect((await listAs(await logIn(auth, member.email, 'password2'))).status).toBe(200);
  });
});

describe('paths', () => {
  test.each([
    ['PUT', '/items', ['GET', 'HEAD', 'POST']],
    ['POST', `/items/${ID}`, ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['POST', '/items/no-id/', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
  ])('given %s %s, then 405 lists all methods', async (method, path, allowed) => {
    const answer = await items(method, path);
    expect(answer).toMatchObject({ status: 405, body: { detail: 'Method Not Allowed' } });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed);
  });

  test.each(['/nothing', '/items/x/y', '/items//', '/users/me'])('given %s, then 404', async (path) => {
    expect(await items('GET', path)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
  });

  test('given HEAD and a trailing slash or none, then both are answered', async () => {
    for (const path of ['/items', '/items/']) {
      expect(await items('HEAD', path, { token: member.token })).toMatchObject({ status: 200, text: '' });
      expect(await items('GET', path, { token: member.token })).toMatchObject({
        body: { data: [], count: 0 },
      });
    }
  });
});
