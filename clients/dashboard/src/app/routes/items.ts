import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { itemsSearch } from '#features/items/api/items-search.ts';
import { paths } from '#paths.ts';
import { signedInRoute } from './base.ts';

export const itemsRoutes = [
  createRoute({
    getParentRoute: () => signedInRoute,
    path: paths.home,
    beforeLoad() {
      throw redirect({ to: paths.items, replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => signedInRoute,
    path: paths.items,
    validateSearch: itemsSearch,
    component: lazyRouteComponent(() => import('#features/items/components/items-page.tsx'), 'ItemsPage'),
  }),
] as const;
