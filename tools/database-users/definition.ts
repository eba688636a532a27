import { recordOf, settingName } from '@quartet/common/service/description.ts';
import type { Document } from 'mongodb';
import { type DataServiceName, dataServiceNames, services } from '../../services/services.ts';

/** A service that has collections. */
export type Owner = DataServiceName;

export const owners = dataServiceNames;

/** The collections that are a service's own. */
export const collectionsOf = recordOf(owners, (owner) => services[owner].collections);

/** The setting with the password that a service's user gets. */
export const passwordSetting = <const N extends Owner>(owner: N) =>
  `DATABASE_PASSWORD_${settingName(owner)}` as const;

/** All that a service does to its collections; none is dropped, renamed or read by another service. */
const ACTIONS = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex'];

/** Where users and roles are kept: the only place that Amazon DocumentDB knows. */
export const USERS_IN = 'admin';

/** Name of a service's user and of its role: several installations may share a server. */
export const userName = (database: string, owner: Owner): string => `${database}-${owner}`;

/** What a service's role allows, as createRole and updateRole take it. */
export const roleOf = (database: string, owner: Owner): Document => ({
  privileges: collectionsOf[owner].map((collection) => ({
    resource: { db: database, collection },
    actions: ACTIONS,
  })),
  roles: [],
});

/** The user of the database in a browser, who sees this database and changes nothing, as createUser and updateUser take it. */
export const browserOf = (database: string, password: string): Document => ({
  pwd: password,
  roles: [{ role: 'read', db: database }],
});

/** A service's user, as createUser and updateUser take it. */
export const userOf = (database: string, owner: Owner, password: string): Document => ({
  pwd: password,
  roles: [{ role: userName(database, owner), db: USERS_IN }],
});
