import type { Broker } from '../events/broker/broker.ts';
import type { EventHandlers } from '../events/consumer/event-handler.ts';
import { storeRegistration } from '../events/kv/service-registry.ts';
import { type Route, summaryOf } from '../http/routes/route.ts';
import { waiting } from '../process/wait-for.ts';
import { describeRoutes } from './describe-routes.ts';
import type { Tag } from './document-types.ts';

/**
 * Tells the gateway which routes a service answers, how they are described and which events it acts on. The service
 * listens already, so that a broker that goes away meanwhile must not end it: it is waited for. It is told again whenever the
 * broker has lost what was told.
 * @param about.tags what is to be said of the tags of its operations
 * @throws when the signal aborts first
 */
export function registerService(
  broker: Broker,
  service: string,
  about: { routes: readonly Route[]; tags?: readonly Tag[]; handlers?: EventHandlers },
  signal: AbortSignal,
): Promise<void> {
  const { routes, tags = [], handlers = {} } = about;
  const announcement = {
    routes: routes.map(summaryOf),
    api: describeRoutes(routes, { tags }),
    consumes: Object.keys(handlers),
  };
  const anew = () => storeRegistration(broker, service, announcement);
  const told = broker.looks.keep(`KV_${broker.names.routes}`, { anew }, signal);
  return waiting('the broker to take the list of routes', told);
}
