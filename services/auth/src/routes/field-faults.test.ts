import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, newEmail } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { emoji, missing, notFlag, notText, REDACTED } from '../../../../tests/support/faults.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import {
  always,
  emailRules,
  flagRules,
  nameRules,
  nullRefused,
  passwordRules,
  type Rule,
  tokenRules,
} from '../../../../tests/support/user-field-rules.ts';

let bed: Testbed;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

type Body = {
  method: string;
  path: string;
  /** A body without a fault. */
  good: Record<string, unknown>;
  required: string[];
  rules: Record<string, Rule[]>;
};

const user = { email: 'good@example.com', password: 'good-password' };
const me = {
  method: 'PATCH',
  path: '/users/me',
  good: {},
  required: [],
  rules: { full_name: nameRules, email: emailRules },
};
const anyone = {
  method: 'PATCH',
  path: '/users/ffffffffffffffffffffffff',
  good: {},
  required: [],
  rules: {
    email: emailRules,
    password: passwordRules,
    is_active: flagRules,
    is_superuser: flagRules,
    full_name: nameRules,
  },
};

const bodies: Body[] = [
  {
    method: 'POST',
    path: '/users/signup',
    good: user,
    required: ['email', 'password'],
    rules: { email: always(emailRules), password: always(passwordRules), full_name: nameRules },
  },
  {
    method: 'POST',
    path: '/users/',
    good: user,
    required: ['email', 'password'],
    rules: {
      email: always(emailRules),
      password: always(passwordRules),
      is_active: [...flagRules, ...nullRefused(notFlag)],
      is_superuser: [...flagRules, ...nullRefused(notFlag)],
      full_name: nameRules,
    },
  },
  {
    method: 'POST',
    path: '/private/users/',
    good: { ...user, full_name: 'Good' },
    required: ['email', 'password', 'full_name'],
    rules: {
      email: always(emailRules),
      password: always(passwordRules),
      full_name: always(nameRules),
      is_verified: [...flagRules, ...nullRefused(notFlag)],
    },
  },
  me,
  { ...me, method: 'PUT' },
  anyone,
  { ...anyone, method: 'PUT' },
  {
    method: 'PATCH',
    path: '/users/me/password',
    good: { current_password: 'good-password', new_password: 'good-password-2' },
    required: ['current_password', 'new_password'],
    rules: { current_password: always(passwordRules), new_password: always(passwordRules) },
  },
  {
    method: 'POST',
    path: '/reset-password/',
    good: { token: 'token', new_password: 'good-password' },
    required: ['token', 'new_password'],
    rules: { token: always(tokenRules), new_password: always(passwordRules) },
  },
];

const isSecret = (field: string) => /password|token/.test(field);
const shown = (object: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, isSecret(name) ? REDACTED : value]),
  );

describe.each(bodies)('$method $path', ({ method, path, good, required, rules }) => {
  const send = (body: unknown) => auth(method, path, { token: admin, body });

  test.each(Object.keys(rules))(
    'given %s against each of its rules, then 422 names only that fault',
    async (field) => {
      for (const { value, fault } of rules[field] ?? []) {
        const answer = await send({ ...good, [field]: value });
        expect(answer.status, JSON.stringify(value)).toBe(422);
        expect(answer.body).toEqual({ detail: [fault(field, isSecret(field) ? REDACTED : value)] });
      }
    },
  );

  test('given all fields are wrong, then 422 has one entry for each, in the order of the fields', async () => {
    const wrong = Object.fromEntries(Object.keys(rules).map((field) => [field, []]));
    const { status, body } = await send(wrong);
    expect(status).toBe(422);
    const flag = (field: string) => field.startsWith('is_');
    expect(body).toEqual({
      detail: Object.keys(rules).map((field) =>
        (flag(field) ? notFlag : notText)(field, isSecret(field) ? REDACTED : []),
      ),
    });
  });

  test.runIf(required.length > 0)(
    'given missing fields, then 422 shows the body without secrets',
    async () => {
      expect((await send({})).body).toEqual({ detail: required.map((field) => missing(field, {})) });
      for (const field of required) {
        const body = { ...good, unknown: { password: 'correct horse', kept: 1 } };
        const rest = Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
        const around = { ...shown(rest), unknown: { password: REDACTED, kept: 1 } };
        expect((await send(rest)).body).toEqual({ detail: [missing(field, around)] });
      }
    },
  );
});

describe('given values at the exact boundary, then they are accepted', () => {
  const longest = (n: number) => `${n}${'a'.repeat(241)}@example.com`;

  test.each([
    {
      path: '/users/signup',
      body: { email: longest(1), password: 'x'.repeat(8), full_name: 'x'.repeat(255) },
    },
    { path: '/users/', body: { email: longest(2), password: emoji(8), full_name: emoji(255) } },
    { path: '/private/users/', body: { email: longest(3), password: emoji(128), full_name: '' } },
    {
      path: '/users/signup',
      body: { email: 'MÜLLER@Exämple.example', password: ' '.repeat(8), full_name: '\n' },
    },
  ])('$path', async ({ path, body }) => {
    const answer = await auth('POST', path, { token: admin, body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ email: body.email.toLowerCase(), full_name: body.full_name });
  });

  test('with unknown fields, which are ignored', async () => {
    const body = {
      ...user,
      email: newEmail(),
      is_superuser: true,
      id: 'x',
      hashed_password: 'x',
      nonsense: [[]],
    };
    const answer = await auth('POST', '/users/signup', { body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ is_superuser: false, id: expect.stringMatching(/^[0-9a-f]{24}$/) });
  });
});
