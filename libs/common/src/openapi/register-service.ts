import type { Broker } from '../events/broker/broker.ts';
import type { EventHandlers } from '../events/consumer/event-handler.ts';
import { storeRegistration } from '../events/kv/service-registry.ts';
import { type Route, summaryOf } from '../http/routes/route.ts';
import { waiting } from '../process/wait-for.ts';
import { describeRoutes } from './describe-routes.ts';
import type { Tag } from './document-types.ts';

/** Registers a service, again after the broker lost its data. @throws {Error} when the signal aborts first */
export function registerService(
  broker: Broker,
  service: string,
  about: { routes: readonly Route[]; tags?: readonly Tag[]; handlers?: EventHandlers },
  signal: AbortSignal,
): Promise<void> {
  const { routes, tags = [], handlers = {} } = about;
  const registration = {
    routes: routes.map(summaryOf),
    api: describeRoutes(routes, { tags }),
    consumes: Object.keys(handlers),
  };
  const recreated = () => storeRegistration(broker, service, registration);
  const registered = broker.looks.keep(`KV_${broker.names.routes}`, { recreated }, signal);
  return waiting('the broker to take the list of routes', registered);
}
