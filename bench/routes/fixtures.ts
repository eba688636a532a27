import { ObjectId } from 'mongodb';
import { type Api, type Member, newItem, newMember } from '../api.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import { WRITES } from '../references/operations.ts';
import type { RouteName } from './names.ts';

/** As many as the load has, so that no two of them ever write the same document or ask for the same account's turn. */
export const CONNECTIONS = 16;
const READ_ITEMS = 100;

/** The users and items that the load asks for. */
export type Fixtures = {
  /** Has 100 items. */
  reader: Member;
  itemId: string;
  /** Whose items are made, and removed after each round. */
  poster: Member;
  /** Changes an item on each connection. */
  writer: Member;
  writtenIds: string[];
  /** None unless they are needed. */
  logins: Member[];
};

/** An account for each connection, since the logins of one wait for each other. */
export const makeLogins = (api: Api, name: string): Promise<Member[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => newMember(api, `${name}-${n}`)));

/** Makes what these routes need. */
export async function makeFixtures(
  { api, database }: LaunchedStack,
  routes: readonly RouteName[],
): Promise<Fixtures> {
  const [reader, poster, writer] = await Promise.all([
    newMember(api, 'reader'),
    newMember(api, 'poster'),
    newMember(api, 'writer'),
  ]);
  const logins = routes.includes('login') ? await makeLogins(api, 'login') : [];
  const items = (member: Member, count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => newItem(api, member.token, `item ${n}`)));
  const [itemId = ''] = await items(reader, READ_ITEMS);
  const writtenIds = await items(writer, CONNECTIONS);
  const written = { _id: { $in: writtenIds.map((id) => new ObjectId(id)) } };
  const copies = await database.db.collection('items').find(written).toArray();
  await database.db.collection(WRITES).insertMany(copies);
  return { reader, itemId, poster, writer, writtenIds, logins };
}
