import { describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  newMember,
  PASSWORD,
  type UserBody,
} from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';

type Users = { data: UserBody[]; count: number; next_cursor: string | null };
type Query = Record<string, string>;

const { bed, auth, admin } = await authFixture();
const call = auth.client;

const ask = (query: Query, token = admin) => call('GET', `/users/?${new URLSearchParams(query)}`, { token });

async function list(query: Query): Promise<Users> {
  const { status, body, text } = await ask(query);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body as Users;
}

const FLAGS = ['is_active', 'is_superuser', 'is_verified'] as const;
const SORTS = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'email', '-email'];

/** One user of each kind, and the address of each sorts otherwise than its id. */
const addressOf = (n: number) => `${'kzbmaq'.charAt(n % 6)}${n}@kinds.example`;
for (let n = 0; n < 24; n += 1) {
  const body = { email: addressOf(n), full_name: 'Kind', password: PASSWORD, is_verified: n % 2 === 0 };
  const { id } = (await call('POST', '/private/users/', { body })).body as UserBody;
  await adminUpdates(call, admin, id, { is_active: n % 3 !== 0, is_superuser: n % 4 === 0 });
}
const users = bed.database.db.collection('users');
const withAddresses = (...numbers: number[]) => ({ email: { $in: numbers.map(addressOf) } });
// Release 0.1 stores no verification, and leaves a stored one as it is when it changes an address.
await users.updateMany(withAddresses(0, 1, 6, 7), { $unset: { is_verified: '', verified_version: '' } });
await users.updateMany(withAddresses(2, 8), { $inc: { email_version: 1 } });

describe('the filters of the list of users', () => {
  const all = async () => (await list({ limit: '1000' })).data;

  test.each(FLAGS.flatMap((name) => [true, false].map((value) => [name, value] as const)))(
    'given %s=%s, then exactly the users are listed and counted who are shown so',
    async (name, value) => {
      const wanted = (await all()).filter((user) => user[name] === value);
      expect(wanted.length).toBeGreaterThan(0);
      const { data, count, next_cursor } = await list({ [name]: `${value}`, limit: '1000' });
      expect({ data, count, next_cursor }).toEqual({ data: wanted, count: wanted.length, next_cursor: null });
    },
  );

  test('given all of them, a search and any sort, then all must fit, and the order is that of the sort', async () => {
    const filters = { is_active: 'true', is_superuser: 'false', is_verified: 'true', q: 'kin' };
    const wanted = (await all())
      .filter((user) => user.is_active && !user.is_superuser && user.is_verified && user.full_name === 'Kind')
      .map(({ email }) => email);
    expect(wanted.length).toBeGreaterThan(1);
    for (const sort of SORTS) {
      const { data, count } = await list({ ...filters, sort });
      expect([count, data.map(({ email }) => email).toSorted()]).toEqual([wanted.length, wanted.toSorted()]);
    }
  });

  test.each(SORTS)('given sort=%s and pages of 1, 2, 3..., then they are the list', async (sort) => {
    const field = sort.replace('-', '') as 'email' | 'created_at' | 'updated_at';
    const whole = (await list({ sort })).data;
    const keys = whole.map((user) => [user[field], user.id].join(' '));
    const ascending = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(keys).toEqual(sort.startsWith('-') ? ascending.toReversed() : ascending);
    const found: UserBody[] = [];
    let cursor: string | null = null;
    for (let limit = 1; limit === 1 || cursor !== null; limit += 1) {
      const page: Users = await list({ sort, limit: `${limit}`, ...(cursor === null ? {} : { cursor }) });
      expect(page.count).toBe(whole.length);
      found.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(found).toEqual(whole);
  });
});

const flagFault = (name: string, input: string) => ({
  type: 'bool_parsing',
  loc: ['query', name],
  msg: 'Input should be a valid boolean, unable to interpret input',
  input,
});

describe('a list of users that is asked for wrongly', () => {
  test.each(
    FLAGS.flatMap((name) =>
      ['yes', '1', 'True', '', ' true', 'null', 'x'.repeat(5_000)].map((value) => [name, value] as const),
    ),
  )('given %s=%s, then 422', async (name, value) => {
    const { status, body } = await ask({ [name]: value });
    expect([status, body]).toEqual([422, { detail: [flagFault(name, value)] }]);
  });

  test.each([
    ['sort', 'password', 'enum'],
    ['sort', 'hashed_password', 'enum'],
    ['sort', 'title', 'enum'],
    ['sort', '', 'enum'],
    ['q', ' '.repeat(100), 'value_error'],
    ['q', '.*', 'value_error'],
    ['q', 'x'.repeat(101), 'string_too_long'],
    ['q', '', 'string_too_short'],
  ])('given %s=%s, then 422', async (name, value, type) => {
    const { status, body } = await ask({ [name]: value });
    expect([status, body]).toMatchObject([422, { detail: [{ type, loc: ['query', name], input: value }] }]);
  });

  test('given several faults and a cursor beside skip, then all are in one 422', async () => {
    const { status, body } = await ask({ sort: 'x', is_active: 'yes', limit: '0', q: '.*' });
    expect(status).toBe(422);
    const { detail } = body as { detail: { loc: string[] }[] };
    expect(detail.map(({ loc }) => loc[1]).toSorted()).toEqual(['is_active', 'limit', 'q', 'sort']);
    expect((await ask({ cursor: 'x', skip: '1' })).status).toBe(422);
  });

  test.each(['-created_at', 'email'])(
    'given a cursor of sort=%s that is not its own, then 400',
    async (sort) => {
      const query = { sort, limit: '2', is_active: 'true', q: 'kind' };
      const cursor = String((await list(query)).next_cursor);
      const own = { ...query, cursor };
      expect((await list(own)).data.length).toBeGreaterThan(0);
      const refused = async (given: Query, token = admin) => {
        const { status, body } = await ask(given, token);
        expect([status, body]).toEqual([400, { detail: 'Invalid cursor' }]);
      };
      for (const at of [0, 5, 20, cursor.length - 2]) {
        const changed = `${cursor.slice(0, at)}${cursor.charAt(at) === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
        await refused({ ...own, cursor: changed });
      }
      await refused({ ...own, cursor: 'x' });
      await refused({ ...own, sort: '-email' });
      await refused({ ...own, q: 'kin' });
      await refused({ ...own, is_active: 'false' });
      await refused({ ...own, is_verified: 'true' });
      const { is_active, ...without } = own;
      expect(is_active).toBe('true');
      await refused(without);
      // The cursor of another superuser, and of the same one in another session.
      const other = await newMember(call);
      await adminUpdates(call, admin, other.id, { is_superuser: true });
      await refused(own, await logIn(call, other.email, other.password));
      expect((await ask(own, await logInAdmin(call))).status).toBe(200);
      await adminUpdates(call, admin, other.id, { is_superuser: false });
      expect((await ask(own, other.token)).status).toBe(403);
    },
  );
});
