import { badRequest, methodNotAllowed, unavailable } from '@quartet/common/errors.ts';
import { API_PREFIX, type AppInstrumentation, createApp } from '@quartet/common/http/app.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import { ID } from '@quartet/common/http/input/fields.ts';
import { noteOperation } from '@quartet/common/http/request-context.ts';
import { Reply, route } from '@quartet/common/http/routes/route.ts';
import { pathnameOf } from '@quartet/common/http/routes/route-table.ts';
import { serveRoutes } from '@quartet/common/http/routes/serve-routes.ts';
import { noTracing } from '@quartet/common/telemetry/tracing.ts';
import type { Authorize } from '@quartet/common/tokens/access.ts';
import type { RequestHandler } from 'express';
import * as z from 'zod';
import { cors } from './cors.ts';
import { serveDocs } from './docs/serve-docs.ts';
import type { ApiDocuments } from './open-api/api-documents.ts';
import { type Bodies, createBodies } from './proxy/bodies.ts';
import { forward } from './proxy/forward.ts';
import type { RouteDirectory } from './routing/route-directory.ts';
import type { Upstream } from './upstream/upstream.ts';
import {
  createUpstreamInstrumentation,
  type UpstreamInstrumentation,
} from './upstream/upstream-instrumentation.ts';

export const ownRoutes = [
  route({
    method: 'GET',
    path: '/utils/health-check/',
    access: 'anyone',
    operationId: 'utils-health_check',
    summary: 'Tell that the API is there',
    description: 'Asks no service and no database: the gateway is up.',
    answer: { schema: z.literal(true), example: true },
    handler: async () => true as const,
  }),
];

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
}): RequestHandler {
  const { directory, upstreams, authorize, trusts, instrumentation, bodies } = options;
  return async (req, res, next) => {
    const match = directory.match(req.method, pathnameOf(req.url));
    if (match.kind === 'unknown') {
      if (directory.unheard().length > 0) throw unavailable();
      return next();
    }
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { method, path, access, service, formats = {} } = match.route;
    const operation = { operation: `${method} ${path}`, method, route: path };
    noteOperation(res, operation);
    const caller = await authorize(access, req.headers.authorization);
    noteOperation(res, operation, caller?.userId);
    for (const [name, { pattern, detail }] of Object.entries(formats)) {
      const known = FORMATS.get(pattern);
      if (known && !known.test(match.params[name] ?? '')) throw badRequest(detail);
    }
    const upstream = upstreams[service];
    if (!upstream) throw unavailable();
    await bodies.read(req, (body) =>
      forward(req, res, body, { upstream, trusts, instrument: instrumentation(service) }),
    );
  };
}

export function createGatewayApp(
  options: AppInstrumentation & {
    title: string;
    directory: RouteDirectory;
    documents: ApiDocuments;
    upstreams: Record<string, Upstream>;
    authorize: Authorize;
    trusts: TrustsProxy;
    corsOrigins: string[];
  },
) {
  const { log, metrics, telemetry } = options;
  const instrumentation = createUpstreamInstrumentation(telemetry?.tracing ?? noTracing, metrics);
  return createApp({
    log,
    metrics,
    telemetry,
    handlers: [
      ['/', cors(options.corsOrigins)],
      ['/', serveDocs({ title: options.title, events: options.documents.asyncApi })],
      [
        API_PREFIX,
        serveRoutes([...ownRoutes, ...documentRoutes(options.documents)], options.authorize, options.trusts),
      ],
      [API_PREFIX, proxy({ ...options, instrumentation, bodies: createBodies() })],
    ],
  });
}
