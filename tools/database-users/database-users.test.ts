import { randomBytes } from 'node:crypto';
import { recordOf } from '@quartet/common/service/description.ts';
import { MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { applyUsers, removeUsers } from './apply.ts';
import { addressFor, findHoles, isAllowed } from './check.ts';
import { collectionsOf, type Owner, owners, USERS_IN, userName } from './definition.ts';

/** Refusals need an engine with authorisation: MONGODB_URL must name a mongod and a user administrator. */
const url = inject('databaseUrl');
const database = `test_${randomBytes(6).toString('hex')}`;
const passwords = { ...recordOf(owners, (owner) => `of ${owner}`), auth: 'of auth: @/?' };
const NOT_HELD = 'this engine does not keep a user to collections';
/** FerretDB has no createRole, and a configured server's user may be no administrator. */
const CANNOT = [59, 13];
let cannot = false;
let admin: MongoClient;
let holes: string[];

beforeAll(async () => {
  admin = await new MongoClient(url).connect();
  try {
    await applyUsers(admin, database, { ...passwords, items: 'another' });
  } catch (err) {
    cannot = err instanceof MongoServerError && CANNOT.includes(Number(err.code));
    if (cannot) return;
    throw err;
  }
  await applyUsers(admin, database, passwords);
  for (const owner of owners) await admin.db(database).collection(collectionsOf[owner][0]).insertOne({});
  holes = await findHoles(url, database, passwords);
});
beforeEach(({ skip }) => skip(cannot, 'users and roles cannot be made here'));
afterAll(async () => {
  if (!cannot) {
    await removeUsers(admin, database);
    await admin.db(database).dropDatabase();
  }
  await admin.close();
});

async function as<T>(owner: Owner, act: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(addressFor(url, database, owner, passwords[owner]));
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

test.each(owners)(
  'given they are applied twice, then %s has one user with one role for its own',
  async (owner) => {
    const name = userName(database, owner);
    const { users } = await admin.db(USERS_IN).command({ usersInfo: name });
    expect(users).toMatchObject([{ user: name, roles: [{ role: name, db: USERS_IN }] }]);
    const { roles } = await admin.db(USERS_IN).command({ rolesInfo: name, showPrivileges: true });
    const resources = collectionsOf[owner].map((collection) => ({ resource: { db: database, collection } }));
    expect(roles).toMatchObject([{ role: name, privileges: resources }]);
  },
);

test.each(owners)(
  'given the password that was applied last, then %s does all that it does with its own',
  async (owner) => {
    await as(owner, async (client) => {
      for (const name of collectionsOf[owner]) {
        const own = client.db(database).collection(name);
        await own.createIndexes([{ key: { created_at: -1, _id: -1 } }]);
        const { insertedId } = await own.insertOne({ created_at: new Date() });
        await own.findOneAndUpdate({ _id: insertedId }, { $set: { a: 1 } });
        expect(await own.find({ _id: insertedId }, { sort: { created_at: -1 } }).toArray()).toHaveLength(1);
        await own.bulkWrite([{ updateOne: { filter: { _id: insertedId }, update: { $set: { a: 2 } } } }]);
        expect(await own.countDocuments({ a: 2 })).toBe(1);
        await own.deleteOne({ _id: insertedId });
      }
    });
  },
);

test('given another password, then the login fails', async () => {
  const client = new MongoClient(addressFor(url, database, 'items', 'another'));
  await expect(client.db(database).command({ ping: 1 })).rejects.toThrow(/auth/i);
  await client.close();
});

describe('the collections of another service', () => {
  const others = owners.flatMap((owner) =>
    owners.filter((other) => other !== owner).map((other) => [owner, collectionsOf[other][0]] as const),
  );

  test.for(others)('given %s, then it neither reads nor writes %s', async ([owner, name], { skip }) => {
    skip(holes.length > 0, NOT_HELD);
    await as(owner, async (client) => {
      const db = client.db(database);
      const [own] = collectionsOf[owner];
      const crossings = {
        find: () => db.collection(name).findOne(),
        count: () => db.collection(name).countDocuments(),
        insert: () => db.collection(name).insertOne({}),
        update: () => db.collection(name).updateMany({}, { $set: { a: 1 } }),
        delete: () => db.collection(name).deleteMany({}),
        drop: () => db.collection(name).drop(),
        lookUp: () =>
          db
            .collection(own)
            .aggregate([{ $lookup: { from: name, pipeline: [], as: 'a' } }])
            .toArray(),
        merge: () =>
          db
            .collection(own)
            .aggregate([{ $merge: { into: name } }])
            .toArray(),
        dropDatabase: () => db.dropDatabase(),
        rename: () => db.collection(own).rename('renamed'),
        otherDatabase: () => client.db(`${database}_2`).collection(own).insertOne({}),
        newUser: () => client.db(USERS_IN).command({ createUser: 'x', pwd: 'x', roles: ['root'] }),
      };
      const allowed: string[] = [];
      for (const [crossing, act] of Object.entries(crossings)) {
        if (await isAllowed(act)) allowed.push(crossing);
      }
      expect(allowed).toEqual([]);
    });
  });

  test('given an engine that ignores roles, then the check names the open collections', ({ skip }) => {
    skip(holes.length === 0, 'this engine keeps users to their collections');
    const open = others.map(([owner, name]) => `${owner} may read ${name}`);
    expect(holes).toEqual(open);
  });
});

test.each([
  ['mongodb://host/', 'mongodb://app-items:p%40@host/app?authSource=admin'],
  [
    'mongodb+srv://root:a%2Fb@a.example/other?tls=true&authSource=x',
    'mongodb+srv://app-items:p%40@a.example/app?tls=true&authSource=admin',
  ],
  ['mongodb://root:x@a:1,b:2', 'mongodb://app-items:p%40@a:1,b:2/app?authSource=admin'],
])('given the operator’s address %s, then a service’s is %s', (given, expected) => {
  expect(addressFor(given, 'app', 'items', 'p@')).toBe(expected);
});
