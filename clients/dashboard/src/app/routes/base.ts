import { createRootRoute, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { currentUserQuery } from '#lib/current-user.ts';
import { queryClient } from '#lib/query-client.ts';
import { hasSession } from '#lib/session.ts';
import { paths } from '#paths.ts';
import { ErrorAlone, NotFoundAlone } from '../alone.tsx';
import { RootLayout } from '../root-layout.tsx';

export const rootRoute = createRootRoute({
  component: RootLayout,
  errorComponent: ErrorAlone,
  notFoundComponent: NotFoundAlone,
});

/** Its children have a session and the user whose it is; who has none is led to the login and back. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: lazyRouteComponent(() => import('../signed-in-layout.tsx'), 'SignedInLayout'),
  errorComponent: ErrorAlone,
  async beforeLoad({ location }) {
    if (!(await hasSession())) {
      const next = location.pathname === paths.home ? undefined : location.href;
      throw redirect({ to: paths.logIn, search: { next }, replace: true });
    }
    return { user: await queryClient.ensureQueryData(currentUserQuery) };
  },
});
