import { createRouter } from '@tanstack/react-router';
import { ErrorPage } from './error-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { PendingPage } from './pending-page.tsx';
import { administrationRoutes } from './routes/administration.ts';
import { rootRoute, signedInRoute } from './routes/base.ts';
import { itemsRoutes } from './routes/items.ts';
import { meRoutes } from './routes/me.ts';
import { signInRoutes } from './routes/sign-in.ts';

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...signInRoutes,
    signedInRoute.addChildren([...itemsRoutes, ...meRoutes, ...administrationRoutes]),
  ]),
  defaultPreload: 'intent',
  // The queries know how old their answers are.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 200,
  defaultPendingComponent: PendingPage,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to
  interface Register {
    router: typeof router;
  }
}
