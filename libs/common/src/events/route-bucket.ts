import * as z from 'zod';
import type { RouteSummary } from '../http/route.ts';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import { watchBucket } from './watched-bucket.ts';

const announcement = z.array(
  z.object({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string().startsWith('/'),
    access: z.enum(['anyone', 'user', 'superuser']),
  }),
);

/** Tells the gateway which routes a service answers. They stay known while the service is away. */
export async function announceRoutes(
  broker: Broker,
  service: string,
  routes: readonly RouteSummary[],
): Promise<void> {
  const summaries = routes.map(({ method, path, access }) => ({ method, path, access }));
  const kv = await broker.kvm.open(broker.names.routes);
  await kv.put(service, JSON.stringify(summaries));
}

/** Calls back with every service's routes, now and whenever a service announces others. */
export function watchRoutes(
  broker: Broker,
  changed: (service: string, routes: RouteSummary[]) => void,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const watcher = {
    put: (service: string, value: unknown) => changed(service, announcement.parse(value)),
    removed: (service: string) => changed(service, []),
  };
  return watchBucket(broker, broker.names.routes, watcher, log, signal);
}
