import { storeAnnouncement } from '../events/announcement-bucket.ts';
import type { Broker } from '../events/broker.ts';
import type { EventHandlers } from '../events/consumer.ts';
import type { Route } from '../http/route.ts';
import { describeRoutes } from './describe-routes.ts';
import type { Tag } from './document-types.ts';

/**
 * Tells the gateway which routes a service answers, how they are described and which events it acts on.
 * @param about.tags what is to be said of the tags of its operations
 */
export function announceService(
  broker: Broker,
  service: string,
  about: { routes: readonly Route[]; tags?: readonly Tag[]; handlers?: EventHandlers },
): Promise<void> {
  const { routes, tags = [], handlers = {} } = about;
  return storeAnnouncement(broker, service, {
    routes: routes.map(({ method, path, access }) => ({ method, path, access })),
    api: describeRoutes(routes, { tags }),
    consumes: Object.keys(handlers),
  });
}
