import type { Document } from 'mongodb';

/** The services that have data, and the collections that are theirs. */
export const collectionsOf = {
  auth: ['users', 'signing_keys', 'unique_key_probes', 'recovery_requests'],
  items: ['items'],
  notifier: ['emails'],
} as const;

export type Owner = keyof typeof collectionsOf;

export const owners = ['auth', 'items', 'notifier'] as const satisfies readonly Owner[];

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
