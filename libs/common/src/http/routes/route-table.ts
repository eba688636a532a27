/** Path parameters are in braces: `/users/{user_id}`. */
export type RoutePattern = { method: string; path: string };

/** `allowed` lists all methods of a path that exists. */
export type Match<R> =
  | { kind: 'route'; route: R; params: Record<string, string> }
  | { kind: 'wrong-method'; allowed: string[] }
  | { kind: 'unknown' };

/** `pathname` is a request's path without its query, still percent-encoded. */
export type RouteTable<R> = { match(method: string, pathname: string): Match<R> };

type Node<R> = {
  fixed: Map<string, Node<R>>;
  param?: { name: string; node: Node<R> };
  routes: Map<string, R>;
};

/** Finds routes: a trailing slash is ignored, a fixed segment wins over a parameter, GET answers HEAD. */
export function createRouteTable<R extends RoutePattern>(routes: readonly R[]): RouteTable<R> {
  const root = emptyNode<R>();
  for (const route of routes) addRoute(root, route);
  return {
    match(method, pathname) {
      // `*` is a target without a path (RFC 9112, 3.2.4).
      const found = pathname === '*' ? undefined : find(root, pathname, 0, {});
      if (!found) return { kind: 'unknown' };
      const route = found.routes.get(method) ?? (method === 'HEAD' ? found.routes.get('GET') : undefined);
      if (route) return { kind: 'route', route, params: found.params };
      return { kind: 'wrong-method', allowed: allowedMethods(found.routes) };
    },
  };
}

/** Returns the path of a request target, without its query. */
export function pathnameOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function addRoute<R extends RoutePattern>(root: Node<R>, route: R): void {
  let node = root;
  for (const segment of segmentsOf(route.path)) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) {
      const next = node.fixed.get(segment) ?? emptyNode<R>();
      node.fixed.set(segment, next);
      node = next;
    } else {
      node.param ??= { name, node: emptyNode<R>() };
      node = node.param.node;
    }
  }
  node.routes.set(route.method, route);
}

type Found<R> = { routes: Map<string, R>; params: Record<string, string> };

/** `at` is where the rest of the path begins, at its slash. */
function find<R>(
  node: Node<R>,
  pathname: string,
  at: number,
  params: Record<string, string>,
): Found<R> | undefined {
  if (at >= pathname.length - 1) return node.routes.size > 0 ? { routes: node.routes, params } : undefined;
  const slash = pathname.indexOf('/', at + 1);
  const end = slash < 0 ? pathname.length : slash;
  const segment = decodeSegment(pathname.slice(at + 1, end));
  const fixed = node.fixed.get(segment);
  const found = fixed && find(fixed, pathname, end, params);
  if (found || !node.param || segment === '') return found;
  return find(node.param.node, pathname, end, { ...params, [node.param.name]: segment });
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

/** A segment with a broken escape stays as it is: it matches no id, so the route refuses it. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function allowedMethods<R>(routes: Map<string, R>): string[] {
  const methods = [...routes.keys()];
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

const emptyNode = <R>(): Node<R> => ({ fixed: new Map(), routes: new Map() });
