import { MongoClient } from 'mongodb';
import * as z from 'zod';
import { ADDRESS_OPTIONS } from '../database/engine.ts';
import { host, line, remotePort } from './fields.ts';

/** Every engine keeps this part of MongoDB's rule. */
const NAME = String.raw`[^\p{Cc}/\\. "$*<>:|?]{1,63}`;
const databaseName = z.string().regex(new RegExp(`^${NAME}$`, 'u'), 'must be the name of a database');
const authSource = z
  .string()
  .regex(new RegExp(`^([$]external|${NAME})$`, 'u'), 'must be the name of a database');

/** The driver's reason is not shown: it may hold the password. */
const mongodbUrl = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
  .refine(isReadable, {
    error:
      'must be an address that MongoDB’s driver takes: its own options, user and password in URL encoding',
    when: ({ issues }) => issues.length === 0,
  });

/** MONGODB_URL is used in place of the DOCUMENTDB_* parts. */
export const databaseFields = {
  MONGODB_URL: mongodbUrl.optional(),
  DOCUMENTDB_HOST: host().default('localhost'),
  DOCUMENTDB_PORT: remotePort(27_017),
  DOCUMENTDB_USER: line().optional(),
  DOCUMENTDB_PASSWORD: line().optional(),
  DOCUMENTDB_DB: databaseName.optional(),
  DOCUMENTDB_AUTH_SOURCE: authSource.default('admin'),
};

type DatabaseEnv = z.output<z.ZodObject<typeof databaseFields>>;

/** Returns the connection string and database name that {@link databaseFields} describe. */
export function databaseAddress(env: DatabaseEnv): { url: string; name: string } {
  const url = env.MONGODB_URL ?? urlOfParts(env);
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return { url, name: env.DOCUMENTDB_DB ?? (named ? decodeURIComponent(named) : 'app') };
}

function isReadable(url: string): boolean {
  try {
    // The driver connects only with the first operation.
    new MongoClient(url).db();
    return true;
  } catch {
    return false;
  }
}

function urlOfParts(env: DatabaseEnv): string {
  const { DOCUMENTDB_USER: user, DOCUMENTDB_PASSWORD: password } = env;
  const login = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@` : '';
  const options = new URLSearchParams(ADDRESS_OPTIONS);
  if (user) options.set('authSource', env.DOCUMENTDB_AUTH_SOURCE);
  const name = env.DOCUMENTDB_HOST.includes(':') ? `[${env.DOCUMENTDB_HOST}]` : env.DOCUMENTDB_HOST;
  return `mongodb://${login}${name}:${env.DOCUMENTDB_PORT}/?${options}`;
}
