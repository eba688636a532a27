import type * as z from 'zod';
import { processConfig, processFields, readConfig, tokenFields } from '../config/config.ts';
import { refuseContradictions, type SettingsRule } from '../config/contradictions.ts';
import { databaseAddress, databaseFields } from '../config/database.ts';
import { defaultSecrets, refuseDefaultSecrets } from '../config/default-secrets.ts';
import type { ServiceDescription } from './description.ts';

/** Returns the settings of a service that has a database and checks tokens. */
export const serviceFields = ({ port }: ServiceDescription) => ({
  ...processFields(port),
  ...databaseFields,
  ...tokenFields,
});

type SecretOf<D extends ServiceDescription> =
  | D['secrets'][number]
  | (D['collections'] extends readonly [] ? never : 'DOCUMENTDB_PASSWORD')
  | 'NATS_PASSWORD';

/** Lists a service's secret settings, including its passwords at the database and the broker. */
export function secretsOf<const D extends ServiceDescription>(self: D): SecretOf<D>[] {
  const shared = [...(self.collections.length > 0 ? ['DOCUMENTDB_PASSWORD'] : []), 'NATS_PASSWORD'];
  return [...self.secrets, ...shared] as SecretOf<D>[];
}

/** Reads a service's settings. @throws {ConfigError} that names every mistake, also a default secret */
export function readSettings<S extends z.ZodType<Checked>>(
  schema: S,
  self: ServiceDescription,
  env: NodeJS.ProcessEnv,
  own: { rules?: SettingsRule<z.output<S>>[]; checks?: z.core.$ZodCheck<z.output<S>>[] } = {},
): z.output<S> {
  const names: string[] = secretsOf(self);
  const { rules = [], checks = [] } = own;
  const all = [refuseContradictions(...rules), refuseDefaultSecrets<Checked>(names), ...checks];
  return readConfig(schema.check(...all), env);
}

type Checked = Parameters<typeof processConfig>[0] & Record<string, unknown>;

/** Makes the configuration from {@link serviceFields}. */
export function serviceConfig(
  read: z.output<z.ZodObject<ReturnType<typeof serviceFields>>>,
  self: ServiceDescription,
) {
  const names: string[] = secretsOf(self);
  return {
    ...processConfig(read),
    database: databaseAddress(read),
    authUrls: read.AUTH_URL,
    defaultSecrets: defaultSecrets<Record<string, unknown>>(read, names),
  };
}
