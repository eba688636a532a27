import type { Registration } from '@quartet/common/events/kv/service-registry.ts';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import { recordOf } from '@quartet/common/service/description.ts';
import { services, upstreamNames } from '../../../services.ts';

/** The longest prefix that fits decides. */
export type RouteOwners = Readonly<Record<string, readonly string[]>>;

/** No service changes this: a compromised one could take another one's path and receive passwords. */
export const routeOwners: RouteOwners = recordOf(upstreamNames, (name) => services[name].paths);

export function keepOwn(
  owners: RouteOwners,
  service: string,
  registration: Registration,
): { own: Registration; strange: string[] } {
  const isOwn = (path: string) => ownerOf(owners, path) === service;
  const isOwnInApi = (path: string) => path.startsWith(API_PREFIX) && isOwn(path.slice(API_PREFIX.length));
  const { routes, api } = registration;
  const paths = Object.entries(api.paths);
  const strange = [
    ...routes.map(({ path }) => path).filter((path) => !isOwn(path)),
    ...paths.map(([path]) => path).filter((path) => !isOwnInApi(path)),
  ];
  return {
    own: {
      ...registration,
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
