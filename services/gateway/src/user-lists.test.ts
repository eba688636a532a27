import { expect, test } from 'vitest';
import { newMember, signUp, type UserBody } from '../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../tests/support/fixtures.ts';

type Users = { data: UserBody[]; count: number; next_cursor: string | null };

const { admin, call } = await allServicesFixture();

const ask = (query: Record<string, string>, token = admin, path = '/users/') =>
  call('GET', `${path}?${new URLSearchParams(query)}`, { token });

test('given a search with other than ASCII, then all its pages come through the gateway, by cursor', async () => {
  const emails = Array.from({ length: 7 }, (_, n) => `u${n}@zürich.example`);
  for (const email of emails) await signUp(call, email);
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, string> = { q: 'ZÜR', sort: '-email', limit: '2', is_active: 'true' };
    // A slash at the end is optional.
    const { status, body } = await ask(
      cursor === null ? query : { ...query, cursor },
      admin,
      found.length > 2 ? '/users' : '/users/',
    );
    expect(status).toBe(200);
    const page = body as Users;
    expect(page.count).toBe(7);
    found.push(...page.data.map(({ email }) => email));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(found).toEqual(emails.toReversed());
});

test.each([
  [{ is_active: 'yes' }, 422],
  [{ sort: 'password' }, 422],
  [{ q: ' '.repeat(100) }, 422],
  [{ q: '.*' }, 422],
  [{ q: 'x'.repeat(101) }, 422],
  [{ q: '$where' }, 200],
  [{ cursor: 'x' }, 400],
] as const)('given %o, then %i', async (query, status) => {
  expect((await ask(query)).status).toBe(status);
});

test('given an ordinary user, then the answer is 403 before the query is looked at', async () => {
  const { token } = await newMember(call);
  expect((await ask({ sort: 'password' }, token)).status).toBe(403);
});
