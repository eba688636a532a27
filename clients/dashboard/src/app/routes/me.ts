import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { paths } from '#paths.ts';
import { signedInRoute } from './base.ts';

export const meRoutes = [
  createRoute({
    getParentRoute: () => signedInRoute,
    path: paths.me,
    component: lazyRouteComponent(() => import('#features/me/components/me-page.tsx'), 'MePage'),
  }),
] as const;
