import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  type Member,
  newEmail,
  newMember,
  PASSWORD,
} from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { hasNul, missing, REDACTED } from '../../../../tests/support/faults.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let admin: string;
let member: Member;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
  member = await newMember(auth, 'member@example.com');
});
afterAll(() => bed.stop());

const logIn = (form: Record<string, string>) => auth('POST', '/login/access-token', { form });
const refused = { status: 400, body: { detail: 'Incorrect email or password' } };
const bothMissing = { detail: [missing('username', null), missing('password', null)] };

describe('logging in', () => {
  test('given the right password, then the answer is a token of this shape', async () => {
    const { status, body } = await logIn({ username: member.email, password: PASSWORD });
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 691_200 });
  });

  test.each([' member@example.com', 'MEMBER@example.COM', '\tMember@Example.com\n'])(
    'given the address as %j, then it is the same address',
    async (username) => {
      expect((await logIn({ username, password: PASSWORD })).status).toBe(200);
    },
  );

  test.each([
    ['member@example.com', 'password2'],
    ['member@example.com', 'PASSWORD1'],
    ['member@example.com', ' password1'],
    ['member@example.com', 'x'.repeat(10_000)],
    ['nobody@example.com', PASSWORD],
    ['no address', PASSWORD],
    ['$where', PASSWORD],
    ['x'.repeat(10_000), PASSWORD],
  ])('given %.20s with %.20s, then 400', async (username, password) => {
    expect(await logIn({ username, password })).toMatchObject(refused);
  });

  test('given all the fields of an OAuth2 password form, then they are accepted', async () => {
    const more = { grant_type: 'password', scope: 'a b', client_id: 'id', client_secret: 'secret' };
    expect((await logIn({ username: member.email, password: PASSWORD, ...more })).status).toBe(200);
  });

  test('given an inactive user, then 400 says so only to a caller with the password', async () => {
    const { id, email } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false });
    expect(await logIn({ username: email, password: 'password2' })).toMatchObject(refused);
    expect(await logIn({ username: email, password: PASSWORD })).toMatchObject({
      status: 400,
      body: { detail: 'Inactive user' },
    });
  });

  test('given a deleted user, then 400 as for an unknown one', async () => {
    const { id, email } = await newMember(auth);
    await auth('DELETE', `/users/${id}`, { token: admin });
    expect(await logIn({ username: email, password: PASSWORD })).toMatchObject(refused);
    expect(await logIn({ username: id, password: PASSWORD })).toMatchObject(refused);
  });
});

describe('a wrong form', () => {
  test.each([
    ['nothing', {}, bothMissing],
    ['empty fields', { username: '', password: '' }, bothMissing],
    ['no password', { username: 'x' }, { detail: [missing('password', null)] }],
    ['no username', { password: 'x' }, { detail: [missing('username', null)] }],
    [
      'a NUL in both',
      { username: 'a\0', password: 'b\0' },
      { detail: [hasNul('username', 'a\0'), hasNul('password', REDACTED)] },
    ],
  ])('given %s, then 422', async (_name, form, body) => {
    const answer = await logIn(form as Record<string, string>);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual(body);
  });

  test.each(['authorization_code', 'Password', ' password'])(
    'given grant_type %j, then 422',
    async (grant_type) => {
      const answer = await logIn({ grant_type, username: member.email, password: PASSWORD });
      expect(answer.status).toBe(422);
      expect(answer.body).toEqual({
        detail: [
          {
            type: 'string_pattern_mismatch',
            loc: ['body', 'grant_type'],
            msg: "String should match pattern '^password$'",
            input: grant_type,
            ctx: { pattern: '^password$' },
          },
        ],
      });
    },
  );

  test('given an empty grant_type, then it counts as absent', async () => {
    expect((await logIn({ grant_type: '', username: member.email, password: PASSWORD })).status).toBe(200);
  });

  const credentials = `username=member%40example.com&password=${PASSWORD}`;
  test.each([
    ['JSON', { body: { username: 'member@example.com', password: PASSWORD } }],
    ['a form called text', { raw: credentials, headers: { 'content-type': 'text/plain' } }],
    ['a form without a content type', { raw: new TextEncoder().encode(credentials) }],
    ['a broken multipart form', { raw: 'x', headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    ['a multipart form without a boundary', { raw: 'x', headers: { 'content-type': 'multipart/form-data' } }],
    ['no body', {}],
  ])('given %s, then both fields are missing', async (_name, call) => {
    const answer = await auth('POST', '/login/access-token', call);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual(bothMissing);
  });

  test.each(['application/x-www-form-urlencoded; charset=utf-8', 'Application/X-WWW-Form-Urlencoded'])(
    'given it as %s, then it is accepted',
    async (type) => {
      const call = { raw: credentials, headers: { 'content-type': type } };
      expect((await auth('POST', '/login/access-token', call)).status).toBe(200);
    },
  );
});

test('given a multipart form, as the template’s client sends its FormData, then it is accepted', async () => {
  const form = new FormData();
  form.set('username', member.email);
  form.set('password', 'overridden');
  form.append('password', PASSWORD);
  form.set('client_id', new Blob(['a file is no field']), 'file');
  const encoded = new Response(form);
  const raw = await encoded.bytes();
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  expect((await auth('POST', '/login/access-token', { raw, headers })).status).toBe(200);
});

test.each(['X', 'a--X', 'a--X--', 'a\r\nX'])(
  'given a multipart form whose boundary occurs in the password %j, then it is accepted',
  async (end) => {
    const { email } = await newMember(auth, newEmail(), `password${end}`);
    const field = (name: string, value: string) =>
      `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const raw = `${field('username', email)}${field('password', `password${end}`)}--X--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=X' };
    expect((await auth('POST', '/login/access-token', { raw, headers })).status).toBe(200);
  },
);

test("given a token, when it is tested, then the answer is the caller's user", async () => {
  const { token, password: _, ...user } = member;
  const answer = await auth('POST', '/login/test-token', { token });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual(user);
});
