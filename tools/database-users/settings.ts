import { readConfig } from '@quartet/common/config/config.ts';
import { databaseAddress, databaseFields } from '@quartet/common/config/database.ts';
import { line } from '@quartet/common/config/fields.ts';
import { recordOf } from '@quartet/common/service/description.ts';
import * as z from 'zod';
import { readOptions } from '../command-line.ts';
import { type Owner, owners, passwordSetting } from './definition.ts';

export const usage = `Usage: npm run database:users [-- --help]

Makes a database user for each service that has data (${owners.join(', ')}), with a role for its own collections only,
or brings them up to date, and then tries whether the database holds to that. Harmless twice. Reads from the environment:

  MONGODB_URL or DOCUMENTDB_*    the database, as a user who may make users and roles
  DOCUMENTDB_DB                  the database's name (app)
  ${owners.map(passwordSetting).join(', ')}
                                 the new users' passwords

Exit code: 0 when each service is kept to its own, 1 when not or the run failed, 2 for a wrong command line.`;

const password = line().refine((text) => text !== 'changethis', { error: 'must not be "changethis"' });

const schema = z.object(databaseFields);
const passwordSchema = z.object(recordOf(owners.map(passwordSetting), () => password));

/** The URL has an operator's login. */
export type Settings = { url: string; name: string; passwords: Record<Owner, string> };

/** @throws {ConfigError} naming every mistake */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readConfig(schema.extend(passwordSchema.shape), env);
  return { ...databaseAddress(read), passwords: recordOf(owners, (owner) => read[passwordSetting(owner)]) };
}

/** @throws {UsageError} when `argv` holds anything but `--help` */
export const wantsHelp = (argv: string[]): boolean => readOptions(argv, {}).help;
