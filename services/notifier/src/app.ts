import { isDatabaseAway } from '@quartet/common/database.ts';
import { isServiceAway } from '@quartet/common/events/requests.ts';
import { API_PREFIX, createApp } from '@quartet/common/http/app.ts';
import type { Route } from '@quartet/common/http/route.ts';
import { serveRoutes } from '@quartet/common/http/serve-routes.ts';
import type { Log } from '@quartet/common/logging.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';

export function createNotifierApp({
  log,
  routes,
  authorize,
}: {
  log: Log;
  routes: Route[];
  authorize: Authorize;
}) {
  return createApp({
    log,
    isAway: (error) => isDatabaseAway(error) || isServiceAway(error),
    handlers: [[API_PREFIX, serveRoutes(routes, authorize)]],
  });
}
