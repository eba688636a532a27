import { recordOf, settingName } from '@quartet/common/service/description.ts';
import type { Document } from 'mongodb';
import { type DataServiceName, dataServiceNames, services } from '../../services/services.ts';

export type Owner = DataServiceName;

export const owners = dataServiceNames;

export const collectionsOf = recordOf(owners, (owner) => services[owner].collections);

export const passwordSetting = <const N extends Owner>(owner: N) =>
  `DATABASE_PASSWORD_${settingName(owner)}` as const;

/** A service drops, renames and shares no collection, so it needs no other action. */
const ACTIONS = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex'];

/** Amazon DocumentDB keeps users and roles only here. */
export const USERS_IN = 'admin';

/** The name holds the database, since several installations may share a server. */
export const userName = (database: string, owner: Owner): string => `${database}-${owner}`;

export const roleOf = (database: string, owner: Owner): Document => ({
  privileges: collectionsOf[owner].map((collection) => ({
    resource: { db: database, collection },
    actions: ACTIONS,
  })),
  roles: [],
});

export const browserOf = (database: string, password: string): Document => ({
  pwd: password,
  roles: [{ role: 'read', db: database }],
});

export const userOf = (database: string, owner: Owner, password: string): Document => ({
  pwd: password,
  roles: [{ role: userName(database, owner), db: USERS_IN }],
});
