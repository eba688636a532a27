import type { RouteSummary } from '@quartet/common/http/routes/route.ts';
import { createRouteTable, type Match, type RouteTable } from '@quartet/common/http/routes/route-table.ts';

export type ServiceRoute = RouteSummary & { service: string };

export type RouteDirectory = {
  update(service: string, routes: RouteSummary[]): void;
  match(method: string, pathname: string): Match<ServiceRoute>;
  /** An unknown path may belong to one of these services. */
  unheard(): string[];
};

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
