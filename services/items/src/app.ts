import { isDatabaseAway } from '@quartet/common/database.ts';
import { API_PREFIX, createApp } from '@quartet/common/http/app.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import type { Route } from '@quartet/common/http/route.ts';
import { serveRoutes } from '@quartet/common/http/serve-routes.ts';
import type { Log } from '@quartet/common/logging.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';

export function createItemsApp({
  log,
  routes,
  authorize,
  trusts,
}: {
  log: Log;
  routes: Route[];
  authorize: Authorize;
  trusts: TrustsProxy;
}) {
  return createApp({
    log,
    isAway: isDatabaseAway,
    handlers: [[API_PREFIX, serveRoutes(routes, authorize, trusts)]],
  });
}
