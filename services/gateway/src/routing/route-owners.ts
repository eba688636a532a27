import type { Registration } from '@quartet/common/events/kv/service-registry.ts';
import { API_PREFIX } from '@quartet/common/http/app.ts';

/** The paths of each service, by their first segments; the longest that fits decides. */
export type RouteOwners = Readonly<Record<string, readonly string[]>>;

/**
 * Whose each path is. It stands here, where no service can change it: one that was taken over could announce another's path,
 * and would be sent what is meant for that, passwords among it.
 */
export const routeOwners: RouteOwners = {
  auth: ['/login', '/logout', '/password-recovery', '/private', '/reset-password', '/users'],
  items: ['/items'],
  notifier: ['/dead-letters', '/emails', '/password-recovery-html-content', '/utils/test-email'],
};

/** What of an announcement is the service's own, and the paths in it that are another's or nobody's. */
export function keepOwn(
  owners: RouteOwners,
  service: string,
  announcement: Registration,
): { own: Registration; strange: string[] } {
  const isOwn = (path: string) => ownerOf(owners, path) === service;
  const isOwnInApi = (path: string) => path.startsWith(API_PREFIX) && isOwn(path.slice(API_PREFIX.length));
  const { routes, api } = announcement;
  const paths = Object.entries(api.paths);
  const strange = [
    ...routes.map(({ path }) => path).filter((path) => !isOwn(path)),
    ...paths.map(([path]) => path).filter((path) => !isOwnInApi(path)),
  ];
  return {
    own: {
      ...announcement,
      routes: routes.filter(({ path }) => isOwn(path)),
      api: { ...api, paths: Object.fromEntries(paths.filter(([path]) => isOwnInApi(path))) },
    },
    strange: [...new Set(strange)],
  };
}

function ownerOf(owners: RouteOwners, path: string): string | undefined {
  const lengthIn = (prefixes: readonly string[]) =>
    Math.max(
      0,
      ...prefixes.filter((prefix) => `${path}/`.startsWith(`${prefix}/`)).map(({ length }) => length),
    );
  const fitting = Object.entries(owners)
    .map(([service, prefixes]) => ({ service, length: lengthIn(prefixes) }))
    .filter(({ length }) => length > 0);
  return fitting.toSorted((one, other) => other.length - one.length)[0]?.service;
}
