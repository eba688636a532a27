import type * as z from 'zod';
import { type ServiceName, serviceNames } from '../../services/services.ts';

/** Every config.ts of a service exports this. */
type ConfigModule = {
  schema: z.ZodObject;
  loadConfig(env: NodeJS.ProcessEnv): { privatePort: number; database?: { name: string } };
};

const load = async (name: ServiceName): Promise<[ServiceName, ConfigModule]> => [
  name,
  await import(`../../services/${name}/src/config.ts`),
];

export const configs: ReadonlyMap<ServiceName, ConfigModule> = new Map(
  await Promise.all(serviceNames.map(load)),
);

/** @throws {Error} when the table has no such service */
export function configOf(name: ServiceName): ConfigModule {
  const config = configs.get(name);
  if (!config) throw new Error(`${name} has no config.ts`);
  return config;
}
