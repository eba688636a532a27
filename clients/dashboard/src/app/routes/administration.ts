import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { paths } from '#paths.ts';
import { signedInRoute } from './base.ts';

/** For superusers; for others there is no such page. */
const administrationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: paths.administration,
  beforeLoad({ context }) {
    if (!context.user.is_superuser) throw notFound();
  },
});

export const administrationRoutes = [
  administrationRoute.addChildren([
    createRoute({
      getParentRoute: () => administrationRoute,
      path: '/',
      component: lazyRouteComponent(
        () => import('#features/overview/components/overview-page.tsx'),
        'OverviewPage',
      ),
    }),
  ]),
] as const;
