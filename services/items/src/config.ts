import { readSettings, serviceConfig, serviceFields } from '@quartet/common/service/settings.ts';
import * as z from 'zod';
import { services } from '../../services.ts';

export const schema = z.object(serviceFields(services.items));

export type ItemsConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} when a setting is wrong; it names every mistake */
export const loadConfig = (env: NodeJS.ProcessEnv = process.env) =>
  serviceConfig(readSettings(schema, services.items, env), services.items);
