import bcrypt from 'bcrypt';
import { type Db, MongoClient, ObjectId } from 'mongodb';

/** The references write to this collection, so that they do not change the stack's documents. */
export const WRITES = 'bench_writes';

type Item = {
  _id: ObjectId;
  owner_id: ObjectId;
  title: string;
  description: string | null;
  created_at: Date;
  updated_at: Date;
};

type User = {
  _id: ObjectId;
  email: string;
  full_name: string | null;
  hashed_password: string;
  is_active: boolean;
  is_superuser: boolean;
  created_at: Date;
  updated_at: Date;
};

export type Operations = ReturnType<typeof createOperations>;

/** Each function does only the database work of its route, on the documents of the stack. */
export function createOperations(db: Db) {
  const users = db.collection<User>('users');
  const items = db.collection<Item>('items');
  const writes = db.collection<Item>(WRITES);
  return {
    async user(id: string) {
      const user = await users.findOne({ _id: new ObjectId(id) });
      if (!user) throw new Error(`no user ${id}`);
      const { email, full_name, is_active, is_superuser, created_at, updated_at } = user;
      return { id, email, full_name, is_active, is_superuser, created_at, updated_at };
    },
    async item(id: string) {
      const item = await items.findOne({ _id: new ObjectId(id) });
      if (!item) throw new Error(`no item ${id}`);
      return toPublic(item);
    },
    async list(ownerId: string, limit: number) {
      const filter = { owner_id: new ObjectId(ownerId) };
      const [found, count] = await Promise.all([
        items.find(filter, { sort: { created_at: -1, _id: -1 }, limit }).toArray(),
        items.countDocuments(filter),
      ]);
      return { data: found.map(toPublic), count };
    },
    async insert(fields: Pick<Item, 'title' | 'description'>) {
      const { title, description } = fields;
      const now = new Date();
      const ids = { _id: new ObjectId(), owner_id: new ObjectId() };
      const item = { ...ids, title, description, created_at: now, updated_at: now };
      await writes.insertOne(item);
      return toPublic(item);
    },
    async update(id: string, { title }: Pick<Item, 'title'>) {
      const updated_at = new Date();
      const { modifiedCount } = await writes.updateOne(
        { _id: new ObjectId(id) },
        { $set: { title, updated_at } },
      );
      if (modifiedCount !== 1) throw new Error(`no item ${id}`);
      return { id, title, updated_at };
    },
    async logIn({ email, password }: { email: string; password: string }) {
      const user = await users.findOne({ email });
      // The stored hash is of a digest: it never matches, and costs the same.
      return { fits: await bcrypt.compare(password, user?.hashed_password ?? '') };
    },
  };
}

const toPublic = ({ _id, owner_id, title, description, created_at, updated_at }: Item) => ({
  ...{ id: _id.toHexString(), title, description },
  ...{ owner_id: owner_id.toHexString(), created_at, updated_at },
});

export async function connectOperations(url: string, name: string): Promise<Operations> {
  const client = await new MongoClient(url).connect();
  return createOperations(client.db(name));
}
