import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { describe, expect, test } from 'vitest';
import { newEmail, PASSWORD, type UserBody } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { wordsOf } from './listed-user.ts';

type Users = { data: UserBody[]; count: number; next_cursor: string | null };

const THERE = 320;
const LIMIT = 80;

const { bed, auth, admin } = await authFixture();
const call = auth.client;

/** The times lie in the past, and addresses have another order than ids. */
async function insertUsers(count: number): Promise<string[]> {
  const since = Date.now() - 3_600_000;
  const prefix = newEmail().replace('@', '-');
  const documents = Array.from({ length: count }, (_, n) => {
    const at = new Date(since + Math.floor(n / 3) * 10);
    const fields = { email: `u${(n * 7_919) % count}.${prefix}@example.com`, full_name: null };
    return {
      _id: timeOrderedId(at),
      ...fields,
      words: wordsOf(fields),
      ...{ hashed_password: '', is_active: true, is_superuser: false, is_verified: false },
      ...{ email_version: 0, token_version: 0, spared_session: null, revision: 0 },
      ...{ created_at: at, updated_at: at, outbox: [] },
    };
  });
  await bed.database.db.collection('users').insertMany(documents);
  return documents.map(({ _id }) => _id.toHexString());
}

/** Writes until the reading ends: it changes addresses and other fields, makes users, and deletes. */
function startWriters(ids: readonly string[]) {
  const [favourite = '', ...others] = ids;
  const deleted = new Set<string>();
  let isOver = false;
  let writes = 0;
  const change = (id: string, body: unknown) => call('PATCH', `/users/${id}`, { token: admin, body });
  const write = async (writer: number) => {
    for (let n = 0; !isOver; n += 1) {
      const id = others[(writer * 131 + n * 17) % others.length] ?? '';
      const email = `${'azmkb'.charAt(n % 5)}${newEmail()}`;
      const kind = n % 5;
      if (kind === 0) await call('POST', '/users/signup', { body: { email, password: PASSWORD } });
      else if (kind === 1 && !deleted.has(id)) {
        deleted.add(id);
        await call('DELETE', `/users/${id}`, { token: admin });
      } else if (kind === 2) await change(favourite, { email });
      else if (!deleted.has(id)) await change(id, kind === 3 ? { email } : { full_name: email });
      writes += 1;
    }
  };
  const writing = Promise.all([0, 1, 2].map(write));
  return {
    deleted,
    writes: () => writes,
    async stop() {
      isOver = true;
      await writing;
    },
  };
}

async function readAll(query: string, until: () => boolean): Promise<UserBody[]> {
  const found: UserBody[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { status, body, text } = await call('GET', `/users/?${query}${from}`, { token: admin });
    if (status !== 200) throw new Error(`${status} ${text}`);
    const page = body as Users;
    found.push(...page.data);
    cursor = page.next_cursor;
    // Every page meets new writes.
    await expect.poll(until, { interval: 1, timeout: 20_000 }).toBe(true);
  } while (cursor !== null);
  return found;
}

describe('a reading of users by cursor', () => {
  test.each([
    ['sort=-created_at'],
    ['sort=created_at'],
    ['sort=-updated_at'],
    ['sort=updated_at'],
    ['sort=email'],
    ['sort=-email'],
    ['sort=email&is_active=true'],
    ['sort=-updated_at&q=example'],
  ])(
    'given writers, when all pages of %s are read, then no user comes twice or is missing',
    async (query) => {
      const there = await insertUsers(THERE);
      const writers = startWriters(there);
      let seen = 0;
      const more = () => {
        const enough = writers.writes() >= seen + 5;
        if (enough) seen = writers.writes();
        return enough;
      };
      const found = (await readAll(`${query}&limit=${LIMIT}`, more)).map(({ id }) => id);
      await writers.stop();
      expect(found.length - new Set(found).size).toBe(0);
      const stayed = there.filter((id) => !writers.deleted.has(id));
      expect(stayed.filter((id) => !found.includes(id))).toEqual([]);
      expect(stayed.length).toBeGreaterThan(THERE / 2);
    },
    60_000,
  );
});
