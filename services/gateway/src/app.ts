import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, methodNotAllowed, unavailable } from '@quartet/common/errors.ts';
import type { StatusGatherer } from '@quartet/common/events/status/status-gatherer.ts';
import {
  API_PREFIX,
  type AppInstrumentation,
  createApp,
  type Dispatch,
  pathBelow,
} from '@quartet/common/http/app.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import { ID } from '@quartet/common/http/input/fields.ts';
import { noteCaller, noteOperation } from '@quartet/common/http/request-context.ts';
import { Reply, type Route, route } from '@quartet/common/http/routes/route.ts';
import type { Match } from '@quartet/common/http/routes/route-table.ts';
import { serveRoutes } from '@quartet/common/http/routes/serve-routes.ts';
import { noTracing } from '@quartet/common/telemetry/tracing.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';
import type { RequestHandler } from 'express';
import * as z from 'zod';
import { cors } from './cors.ts';
import { serveDashboard } from './dashboard/serve-dashboard.ts';
import { serveDocs } from './docs/serve-docs.ts';
import type { ApiDocuments } from './open-api/api-documents.ts';
import { type Bodies, createBodies } from './proxy/bodies.ts';
import { forward } from './proxy/forward.ts';
import type { RouteDirectory, ServiceRoute } from './routing/route-directory.ts';
import { statusRoute } from './status/status-route.ts';
import type { Upstream } from './upstream/upstream.ts';
import {
  createUpstreamInstrumentation,
  type UpstreamInstrumentation,
} from './upstream/upstream-instrumentation.ts';

const healthRoute = route({
  method: 'GET',
  path: '/utils/health-check/',
  access: 'anyone',
  operationId: 'utils-health_check',
  summary: 'Tell that the API is there',
  description: 'Asks no service and no database: the gateway is up.',
  answer: { schema: z.literal(true), example: true },
  handler: async () => true as const,
});

/** These are in the document, as the routes of services are. */
export const ownRoutes = (
  services: readonly string[],
  gatherer: StatusGatherer,
  live: readonly Route[],
): Route[] => [healthRoute, statusRoute(services, gatherer), ...live];

/** The answers to all callers share these bytes. */
function documentReply(bytes: Buffer | undefined): Reply {
  if (bytes === undefined) throw unavailable();
  return new Reply(bytes, { 'Cache-Control': 'no-cache' });
}

/** FastAPI leaves these routes out of the document too. */
const documentRoutes = ({ openApi, asyncApiJson }: ApiDocuments) => [
  route({
    method: 'GET',
    path: '/openapi.json',
    access: 'anyone',
    operationId: 'docs-openapi',
    summary: 'The OpenAPI document',
    description: 'Of all services together.',
    answer: { schema: z.instanceof(Buffer), mediaType: 'application/json' },
    async handler() {
      return documentReply(openApi());
    },
  }),
  route({
    method: 'GET',
    path: '/asyncapi.json',
    access: 'anyone',
    operationId: 'docs-asyncapi',
    summary: 'The AsyncAPI document',
    description: 'All events, who makes them and who acts on them.',
    answer: { schema: z.instanceof(Buffer), mediaType: 'application/json' },
    async handler() {
      return documentReply(asyncApiJson());
    },
  }),
];

/** By its source: a service that was taken over must not choose an expression that takes for ever. */
const FORMATS = new Map([ID].map((format) => [format.source, format]));

function proxy(options: {
  directory: RouteDirectory;
  upstreams: Record<string, Upstream>;
  authorize: Authorize;
  trusts: TrustsProxy;
  instrumentation: UpstreamInstrumentation;
  bodies: Bodies;
}): Dispatch {
  const { directory, upstreams, authorize, trusts, instrumentation, bodies } = options;
  const instruments = new Map(Object.keys(upstreams).map((name) => [name, instrumentation(name)]));

  async function pass(match: Match<ServiceRoute>, req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (match.kind === 'unknown') throw unavailable();
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { method, path, access, service, formats = {} } = match.route;
    noteOperation(res, `${method} ${path}`, method, path);
    const caller = await authorize(access, req.headers.authorization);
    if (caller) noteCaller(res, caller.userId);
    for (const name in formats) {
      const { pattern = '', detail = '' } = formats[name] ?? {};
      const known = FORMATS.get(pattern);
      if (known && !known.test(match.params[name] ?? '')) throw badRequest(detail);
    }
    const upstream = upstreams[service];
    const instrument = instruments.get(service);
    if (!upstream || !instrument) throw unavailable();
    await bodies.read(req, (body) => forward(req, res, body, { upstream, trusts, instrument }));
  }

  return (req, res) => {
    const path = pathBelow(API_PREFIX, req.url ?? '');
    if (path === undefined) return undefined;
    const match = directory.match(req.method ?? '', path);
    // While a service has not registered, its paths are not known.
    const isUnknown = match.kind === 'unknown' && directory.unheard().length === 0;
    return isUnknown ? undefined : pass(match, req, res);
  };
}

export function createGatewayApp(
  options: AppInstrumentation & {
    title: string;
    directory: RouteDirectory;
    documents: ApiDocuments;
    /** They are in the API's document. */
    own: readonly Route[];
    upstreams: Record<string, Upstream>;
    authorize: Authorize;
    trusts: TrustsProxy;
    corsOrigins: string[];
    /** The folder of the built dashboard; undefined when it is off. */
    dashboard: string | undefined;
  },
) {
  const { log, metrics, telemetry, dashboard } = options;
  const instrumentation = createUpstreamInstrumentation(telemetry?.tracing ?? noTracing, metrics);
  const own = [...options.own, ...documentRoutes(options.documents)];
  return createApp({
    ...{ log, metrics, telemetry },
    headers: [['vary', 'Origin']],
    dispatches: [
      cors(options.corsOrigins),
      serveRoutes(API_PREFIX, own, options.authorize, options.trusts),
      proxy({ ...options, instrumentation, bodies: createBodies() }),
    ],
    handlers: [
      ['/', serveDocs({ title: options.title, events: options.documents.asyncApi })],
      ...(dashboard === undefined
        ? []
        : [
            ['/', serveDashboard(dashboard, { projectName: options.title })] satisfies [
              string,
              RequestHandler,
            ],
          ]),
    ],
  });
}
