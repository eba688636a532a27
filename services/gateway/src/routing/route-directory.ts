import type { RouteSummary } from '@quartet/common/http/routes/route.ts';
import { createRouteTable, type Match, type RouteTable } from '@quartet/common/http/routes/route-table.ts';

export type ServiceRoute = RouteSummary & { service: string };

/** The routes of all services, as they register them. */
export type RouteDirectory = {
  update(service: string, routes: RouteSummary[]): void;
  match(method: string, pathname: string): Match<ServiceRoute>;
  /** Services that have not registered yet; an unknown path may be theirs. */
  unheard(): string[];
};

/** @param services expected to register; others are ignored */
export function createRouteDirectory(services: readonly string[]): RouteDirectory {
  const known = new Map<string, ServiceRoute[]>();
  let table: RouteTable<ServiceRoute> = createRouteTable<ServiceRoute>([]);
  return {
    update(service, routes) {
      if (!services.includes(service)) return;
      known.set(
        service,
        routes.map((route) => ({ ...route, service })),
      );
      table = createRouteTable([...known.values()].flat());
    },
    match: (method, pathname) => table.match(method, pathname),
    unheard: () => services.filter((service) => !known.has(service)),
  };
}
