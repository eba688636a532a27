import { methodNotAllowed } from '@quartet/common/errors.ts';
import { discardBody } from '@quartet/common/http/input/body.ts';
import { noteOperation } from '@quartet/common/http/request-context.ts';
import { createRouteTable, pathnameOf } from '@quartet/common/http/routes/route-table.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { AsyncApiDocument } from '../async-api/document.ts';
import { loadAssets } from './assets.ts';
import { eventsPage, redocPage, swaggerPage } from './pages.ts';
import { assetSender } from './send-asset.ts';

/** In metrics all files of the pages are one route. */
const ASSET = 'docs-asset';
const ASSETS = '/docs/{asset}';

type Send = (req: Request, res: Response) => void | Promise<void>;

const get = (path: string, operation: string, send: Send) => ({ method: 'GET', path, operation, send });

export function serveDocs(options: {
  title: string;
  events: () => AsyncApiDocument | undefined;
}): RequestHandler {
  const { title } = options;
  const assets = loadAssets();
  const swagger = swaggerPage(`${title} - Swagger UI`, assets);
  const events = eventsPage(options.events, assets);
  const redoc = redocPage(`${title} - Redoc`, assets);
  const table = createRouteTable([
    get('/docs', 'docs-swagger_ui', (_req, res) => swagger(res)),
    get('/docs/events', 'docs-events', (_req, res) => events(res)),
    get('/redoc', 'docs-redoc', (_req, res) => redoc(res)),
    ...assets.map((asset) => get(asset.path, ASSET, assetSender(asset))),
  ]);
  return async (req, res, next) => {
    const match = table.match(req.method, pathnameOf(req.url));
    if (match.kind === 'unknown') return next();
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { operation, method, path, send } = match.route;
    noteOperation(res, operation, method, operation === ASSET ? ASSETS : path);
    await discardBody(req);
    await send(req, res);
  };
}
