import { isDatabaseAway } from '@quartet/common/database/database.ts';
import { isServiceAway } from '@quartet/common/events/password-link-request.ts';
import { API_PREFIX, type AppWatch, createApp } from '@quartet/common/http/app.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import type { Route } from '@quartet/common/http/routes/route.ts';
import { serveRoutes } from '@quartet/common/http/routes/serve-routes.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';

/** What the document says of the tags of the notifier's own operations. */
export const notifierTags = [
  { name: 'emails', description: 'What became of e-mails; for superusers.' },
  { name: 'dead-letters', description: 'Events that a service gave up; for superusers.' },
];

export function createNotifierApp({
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
    isAway: (err) => isDatabaseAway(err) || isServiceAway(err),
    handlers: [[API_PREFIX, serveRoutes(routes, authorize, trusts)]],
  });
}
