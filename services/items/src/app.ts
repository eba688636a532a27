import { isDatabaseAway } from '@quartet/common/database/database.ts';
import { API_PREFIX, type AppWatch, createApp } from '@quartet/common/http/app.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import type { Route } from '@quartet/common/http/routes/route.ts';
import { serveRoutes } from '@quartet/common/http/routes/serve-routes.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';

export function createItemsApp({
  routes,
  authorize,
  trusts,
  ...watch
}: AppWatch & {
  routes: Route[];
  authorize: Authorize;
  trusts: TrustsProxy;
}) {
  return createApp({
    ...watch,
    isAway: isDatabaseAway,
    handlers: [[API_PREFIX, serveRoutes(routes, authorize, trusts)]],
  });
}
