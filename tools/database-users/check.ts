import { MongoClient, MongoServerError } from 'mongodb';
import { collectionsOf, type Owner, owners, USERS_IN, userName } from './definition.ts';

const UNAUTHORIZED = 13;
const ANSWER_WITHIN_MS = 5_000;

export function addressFor(adminUrl: string, database: string, owner: Owner, password: string): string {
  const login = `${encodeURIComponent(userName(database, owner))}:${encodeURIComponent(password)}`;
  const [, scheme = '', hosts = '', query = ''] =
    /^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^/?@]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(adminUrl) ?? [];
  const options = new URLSearchParams(query);
  options.set('authSource', USERS_IN);
  return `${scheme}${login}@${hosts}/${encodeURIComponent(database)}?${options}`;
}

/** Returns accesses to foreign collections that work: an engine may accept roles and ignore them. */
export async function findHoles(
  adminUrl: string,
  database: string,
  passwords: Record<Owner, string>,
): Promise<string[]> {
  const holes: string[] = [];
  for (const owner of owners) {
    const url = addressFor(adminUrl, database, owner, passwords[owner]);
    const client = new MongoClient(url, { serverSelectionTimeoutMS: ANSWER_WITHIN_MS });
    try {
      const db = client.db(database);
      for (const other of owners.filter((one) => one !== owner)) {
        const [collection] = collectionsOf[other];
        const mayRead = await isAllowed(() => db.collection(collection).findOne());
        if (mayRead) holes.push(`${owner} may read ${collection}`);
      }
    } finally {
      await client.close();
    }
  }
  return holes;
}

/** @throws errors other than the refusal of the database */
export async function isAllowed(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (err) {
    if (err instanceof MongoServerError && err.code === UNAUTHORIZED) return false;
    throw err;
  }
}
