import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { deadLettersSearch } from '#features/dead-letters/dead-letters-search.ts';
import { emailsSearch } from '#features/emails/emails-search.ts';
import { usersSearch } from '#features/users/users-search.ts';
import { paths } from '#paths.ts';
import { signedInRoute } from './base.ts';

/** For superusers; for others there is no such page. */
const administrationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: paths.administration,
  component: lazyRouteComponent(() => import('../administration-layout.tsx'), 'AdministrationLayout'),
  beforeLoad({ context }) {
    if (!context.user.is_superuser) throw notFound();
  },
});

const overviewRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: '/',
  component: lazyRouteComponent(
    () => import('#features/overview/components/overview-page.tsx'),
    'OverviewPage',
  ),
});

const usersRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: 'users',
  validateSearch: usersSearch,
  component: lazyRouteComponent(() => import('#features/users/components/users-page.tsx'), 'UsersPage'),
});

const userRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: 'users/$userId',
  component: lazyRouteComponent(() => import('#features/users/components/user-page.tsx'), 'UserPage'),
});

const emailsRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: 'emails',
  validateSearch: emailsSearch,
  component: lazyRouteComponent(() => import('#features/emails/components/emails-page.tsx'), 'EmailsPage'),
});

const deadLettersRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: 'dead-letters',
  validateSearch: deadLettersSearch,
  component: lazyRouteComponent(
    () => import('#features/dead-letters/components/dead-letters-page.tsx'),
    'DeadLettersPage',
  ),
});

const eventsRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: 'events',
  component: lazyRouteComponent(() => import('#features/events/components/events-page.tsx'), 'EventsPage'),
});

export const administrationRoutes = [
  administrationRoute.addChildren([
    overviewRoute,
    usersRoute,
    userRoute,
    emailsRoute,
    deadLettersRoute,
    eventsRoute,
  ]),
] as const;
