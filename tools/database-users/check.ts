import { MongoClient, MongoServerError } from 'mongodb';
import { collectionsOf, type Owner, owners, USERS_IN, userName } from './definition.ts';

const UNAUTHORIZED = 13;
const ANSWER_WITHIN_MS = 5_000;

/** The address by which a service logs in: the operator's, with another user. */
export function addressFor(adminUrl: string, database: string, owner: Owner, password: string): string {
  const login = `${encodeURIComponent(userName(database, owner))}:${encodeURIComponent(password)}`;
  const [, scheme = '', hosts = '', query = ''] =
    /^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^/?@]+)(?:\/[^?]*)?(?:\?(.*))?$/.exec(adminUrl) ?? [];
  const options = new URLSearchParams(query);
  options.set('authSource', USERS_IN);
  return `${scheme}${login}@${hosts}/${encodeURIComponent(database)}?${options}`;
}

/**
 * Tries whether each service is kept out of the others' collections. An engine may take roles and not hold to them.
 * @returns what is possible and should not be, in words; nothing when all is well
 */
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

/** Whether the database lets one do something; an error other than its refusal is thrown. */
export async function isAllowed(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (err) {
    if (err instanceof MongoServerError && err.code === UNAUTHORIZED) return false;
    throw err;
  }
}
