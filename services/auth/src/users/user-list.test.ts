import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, signUp, type UserBody } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { goodPages, pageFaults } from '../../../../tests/support/faults.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

type Users = { data: UserBody[]; count: number; next_cursor: string | null };

let bed: Testbed;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
  await insertUsers(130);
});
afterAll(() => bed.stop());

/** Users of three moments only, so that most share theirs. */
async function insertUsers(count: number): Promise<void> {
  const moments = [0, 1, 2].map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)));
  const users = Array.from({ length: count }, (_, n) => ({
    _id: timeOrderedId(moments[n % moments.length] ?? new Date()),
    email: `listed-${n}@example.com`,
    full_name: null,
    hashed_password: '',
    is_active: true,
    is_superuser: false,
    token_version: 0,
    spared_session: null,
    revision: 0,
    created_at: moments[n % moments.length],
    updated_at: moments[n % moments.length],
    outbox: [],
  }));
  await bed.database.db.collection('users').insertMany(users);
}

const list = async (query = ''): Promise<Users> => {
  const { status, body, text } = await auth('GET', `/users/${query}`, { token: admin });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body as Users;
};

const newestFirst = (a: UserBody, b: UserBody) =>
  b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id);

describe('the list of users', () => {
  test('given more users than a page, then the answer has the newest 100, ordered by id at equal times, and counts all', async () => {
    const { data, count } = await list();
    expect(data).toHaveLength(100);
    expect(count).toBe(131);
    expect(data).toEqual(data.toSorted(newestFirst));
    expect(data[0]).toMatchObject({ is_superuser: true });
    expect(Object.keys(data[0] ?? {}).sort()).toEqual([
      'created_at',
      'email',
      'full_name',
      'id',
      'is_active',
      'is_superuser',
      'is_verified',
      'updated_at',
    ]);
  });

  test.each([1, 7, 50, 1000])(
    'given pages of %i, then they contain every user once, in order',
    async (limit) => {
      const found: UserBody[] = [];
      for (let skip = 0; skip < 131; skip += limit) {
        const { data, count } = await list(`?skip=${skip}&limit=${limit}`);
        expect(count).toBe(131);
        found.push(...data);
      }
      expect(found).toEqual((await list('?limit=1000')).data);
      expect(new Set(found.map(({ id }) => id)).size).toBe(131);
    },
  );

  test('given a skip past the end, then the answer has no data but the count', async () => {
    expect(await list('?skip=131')).toEqual({ data: [], count: 131, next_cursor: null });
  });

  test.each(goodPages)('given %s, then it is accepted', async (query) => {
    expect((await list(query)).count).toBe(131);
  });

  test.each(pageFaults)('given ?$query, then 422', async ({ query, faults }) => {
    const answer = await auth('GET', `/users/?${query}`, { token: admin });
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: faults });
  });

  test('given users who are added and deleted meanwhile, then every count is within the possible range', async () => {
    const made: string[] = [];
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let n = 0; n < 5; n += 1) made.push((await signUp(auth)).id);
      }),
    );
    let finished = false;
    void writing.finally(() => {
      finished = true;
    });
    while (!finished) {
      const { count, data } = await list('?limit=1000');
      expect(count).toBeGreaterThanOrEqual(131);
      expect(count).toBeLessThanOrEqual(151);
      expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
    }
    await writing;
    expect((await list()).count).toBe(151);
    await Promise.all(made.map((id) => auth('DELETE', `/users/${id}`, { token: admin })));
    expect((await list()).count).toBe(131);
  });
});
