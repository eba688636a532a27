import { describe, expect, test } from 'vitest';
import { adminUpdates, newMember, PASSWORD, type UserBody } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { later, NOW, newUser } from '../../test/users.ts';
import { userDeleted } from './user-events.ts';
import { openUserStore } from './user-store.ts';
import { softDeletionOf } from './user-write.ts';

type Users = { data: UserBody[]; count: number; next_cursor: string | null };

const { bed, auth, admin } = await authFixture();
const call = auth.client;

const ask = (query: Record<string, string>, token = admin) =>
  call('GET', `/users/?${new URLSearchParams(query)}`, { token });

async function list(query: Record<string, string>): Promise<Users> {
  const { status, body, text } = await ask(query);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body as Users;
}

const namesFor = async (q: string) =>
  (await list({ q, sort: 'email' })).data.map(({ full_name }) => full_name);

async function create(email: string, full_name: string | null, more: Record<string, unknown> = {}) {
  const body = { email, full_name, password: PASSWORD, ...more };
  return (await call('POST', '/users/', { token: admin, body })).body as UserBody;
}

await create('ada.lovelace+news@zürich.example', 'Ada King');
await create('grace@xn--mnchen-3ya.example', 'Grace Ｈｏｐｐｅｒ');
await create('jose@example.org', 'José Ångström');

describe('the search for users', () => {
  test.each([
    ['ada', ['Ada King']],
    ['zur', ['Ada King']],
    ['ZÜRICH', ['Ada King']],
    ['love news king', ['Ada King']],
    ['ada@zürich.example', ['Ada King']],
    ['lace', []],
    ['ada hopper', []],
    ['munchen', ['Grace Ｈｏｐｐｅｒ']],
    ['grace hopp', ['Grace Ｈｏｐｐｅｒ']],
    ['jose angstrom', ['José Ångström']],
    ['JOSÉ@EXAMPLE.ORG', ['José Ångström']],
    ['.* xn', []],
    ['$where', []],
  ])('given q=%s, then exactly the users are found whose words begin with each of it', async (q, found) => {
    expect(await namesFor(q)).toEqual(found);
    expect((await list({ q })).count).toBe(found.length);
  });

  test('given each write that changes an address or a name, then the user is found by the present words only', async () => {
    const { token, ...user } = await newMember(call, 'before@first.example');
    const found = async (q: string) => (await list({ q })).data.map(({ id }) => id);
    expect(await found('before first')).toEqual([user.id]);
    await call('PATCH', '/users/me', { token, body: { full_name: 'Somebody' } });
    expect(await found('somebody before')).toEqual([user.id]);
    await adminUpdates(call, admin, user.id, { email: 'after@second.example' });
    expect([await found('before'), await found('after somebody')]).toEqual([[], [user.id]]);
    await adminUpdates(call, admin, user.id, { full_name: null });
    expect([await found('somebody'), await found('after second')]).toEqual([[], [user.id]]);
    // A login, a logout and a link change nothing of it.
    await call('POST', '/password-recovery/after@second.example');
    await call('POST', '/logout', { token });
    expect(await found('after')).toEqual([user.id]);
    await call('DELETE', `/users/${user.id}`, { token: admin });
    expect(await found('after')).toEqual([]);
    expect(await found(user.id)).toEqual([]);
  });

  test('given a tombstone, then it has no words and no earlier keys, and no list and no count has it', async () => {
    const store = await openUserStore(bed.database.db);
    const before = await list({ sort: 'email' });
    const inactive = (await list({ is_active: 'false' })).count;
    const user = newUser({ email: 'tomb@stone.example', full_name: 'Tombstone' });
    const { _id } = user;
    await store.insert(user);
    const changed = { set: { full_name: 'Stone', updated_at: later(60_000) } };
    const read = await store.write(user, changed);
    expect(read).toMatchObject({ words: ['example', 'stone', 'tomb'], earlier: [{ email: user.email }] });
    expect((await list({ sort: 'email' })).count).toBe(before.count + 1);
    if (!read) throw new Error('another write came first');
    // The sweep does not publish an event of the future, so the tombstone stays.
    const event = userDeleted(read, { now: new Date('2999-01-01T00:00:00.000Z') });
    await store.write(read, softDeletionOf(read, event, NOW));
    const tombstone = await store.collection.findOne({ _id });
    expect(tombstone).toMatchObject({ email: _id.toHexString() });
    for (const name of ['words', 'earlier', 'full_name', 'updated_at'])
      expect(tombstone).not.toHaveProperty(name);
    const queries: Record<string, string>[] = [
      {},
      { sort: 'email' },
      { sort: '-email' },
      { sort: 'updated_at' },
      { is_active: 'false' },
      { is_superuser: 'false' },
      { is_verified: 'false' },
      { is_verified: 'false', sort: 'email' },
      { q: 'tomb' },
      { q: _id.toHexString() },
    ];
    for (const query of queries) {
      const { data } = await list({ ...query, limit: '1000' });
      expect(data.map(({ id }) => id)).not.toContain(_id.toHexString());
    }
    expect(await list({ sort: 'email' })).toEqual(before);
    expect((await list({ is_active: 'false' })).count).toBe(inactive);
    await store.collection.deleteOne({ _id });
  });
});
