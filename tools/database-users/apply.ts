import type { Db, MongoClient } from 'mongodb';
import { type Owner, owners, roleOf, USERS_IN, userName, userOf } from './definition.ts';

export async function applyUsers(
  client: MongoClient,
  database: string,
  passwords: Record<Owner, string>,
): Promise<void> {
  const admin = client.db(USERS_IN);
  for (const owner of owners) {
    const name = userName(database, owner);
    const role = (await hasRole(admin, name)) ? 'updateRole' : 'createRole';
    await admin.command({ [role]: name, ...roleOf(database, owner) });
    const user = (await hasUser(admin, name)) ? 'updateUser' : 'createUser';
    await admin.command({ [user]: name, ...userOf(database, owner, passwords[owner]) });
  }
}

export async function removeUsers(client: MongoClient, database: string): Promise<void> {
  const admin = client.db(USERS_IN);
  for (const owner of owners) {
    const name = userName(database, owner);
    if (await hasUser(admin, name)) await admin.command({ dropUser: name });
    if (await hasRole(admin, name)) await admin.command({ dropRole: name });
  }
}

async function hasUser(admin: Db, name: string): Promise<boolean> {
  return (await admin.command({ usersInfo: name })).users.length > 0;
}

async function hasRole(admin: Db, name: string): Promise<boolean> {
  return (await admin.command({ rolesInfo: name })).roles.length > 0;
}
