import { ObjectId } from 'mongodb';
import { type Api, type Member, newItem, newMember } from '../api.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import { WRITES } from '../references/operations.ts';
import type { RouteName } from './names.ts';

/** There is one per connection, so that no two write the same document or wait for the same account. */
export const CONNECTIONS = 16;
export const READ_ITEMS = 100;

export type Fixtures = {
  reader: Member;
  itemId: string;
  poster: Member;
  writer: Member;
  writtenIds: string[];
  logins: Member[];
};

/** Logins of one account wait for each other, so each connection has its own. */
export const makeLogins = (api: Api, name: string): Promise<Member[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => newMember(api, `${name}-${n}`)));

export async function makeFixtures(api: Api, routes: readonly RouteName[]): Promise<Fixtures> {
  const [reader, poster, writer] = await Promise.all([
    newMember(api, 'reader'),
    newMember(api, 'poster'),
    newMember(api, 'writer'),
  ]);
  const logins = routes.includes('login') ? await makeLogins(api, 'login') : [];
  // With a hundred at once, the template runs out of its database connections and answers 500.
  const items = async (member: Member, count: number) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(await newItem(api, member.token, `item ${n}`));
    return ids;
  };
  const [itemId = ''] = await items(reader, READ_ITEMS);
  const writtenIds = await items(writer, CONNECTIONS);
  return { reader, itemId, poster, writer, writtenIds, logins };
}

/** The references update copies. */
export async function copyWritten(
  { database: { db } }: LaunchedStack,
  { writtenIds }: Fixtures,
): Promise<void> {
  const written = { _id: { $in: writtenIds.map((id) => new ObjectId(id)) } };
  await db.collection(WRITES).insertMany(await db.collection('items').find(written).toArray());
}
