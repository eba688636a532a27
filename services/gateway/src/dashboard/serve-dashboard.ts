import { originOf } from '@quartet/common/config/fields.ts';
import { methodNotAllowed } from '@quartet/common/errors.ts';
import { discardBody } from '@quartet/common/http/input/body.ts';
import { noteOperation } from '@quartet/common/http/request-context.ts';
import { createRouteTable, pathnameOf } from '@quartet/common/http/routes/route-table.ts';
import type { Request, RequestHandler, Response } from 'express';
import { setPageHeaders } from '../docs/page-headers.ts';
import { assetSender } from '../docs/send-asset.ts';
import { readDashboard } from './dashboard-files.ts';
import { type PageSettings, withSettings } from './page-settings.ts';

/** In metrics all files are one route, and all pages another. */
const PAGE = { operation: 'dashboard-page', label: '/{page}' };
const ASSET = { operation: 'dashboard-asset', label: '/assets/{asset}' };

const NOT_BUILT = 'The dashboard is not built. npm start tells why; npm run dashboard:build builds it.\n';

/** What is below these is never a page of the dashboard. */
const OTHERS = /^\/(api|docs|redoc|assets)(\/|$)/;

/** Serves the page at `/` and at its deep links: it knows itself which of them exist. */
export function serveDashboard(folder: string, settings: PageSettings): RequestHandler {
  const files = readDashboard(folder);
  const page = files && withSettings(files.page, settings);
  const apiOrigin = settings.apiUrl === undefined ? undefined : originOf(settings.apiUrl);
  const sendPage = (res: Response): void => {
    if (page !== undefined) {
      setPageHeaders(res, { apiOrigin });
      res.send(page);
    } else res.status(503).type('text/plain').send(NOT_BUILT);
  };
  const get = (
    path: string,
    { operation, label }: typeof PAGE,
    send: (req: Request, res: Response) => unknown,
  ) => ({
    ...{ method: 'GET', path, operation, label, send },
  });
  const table = createRouteTable([
    get('/', PAGE, (_req, res) => sendPage(res)),
    ...(files?.assets ?? []).map((asset) => get(asset.path, ASSET, assetSender(asset))),
  ]);
  return async (req, res, next) => {
    const path = pathnameOf(req.url);
    const match = table.match(req.method, path);
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    if (match.kind === 'unknown' && !isDeepLink(req, path)) return next();
    const { operation, label } = match.kind === 'unknown' ? PAGE : match.route;
    noteOperation(res, operation, 'GET', label);
    await discardBody(req);
    if (match.kind === 'unknown') sendPage(res);
    else await match.route.send(req, res);
  };
}

/** A person's browser asks for it; a program that wants anything gets a 404, as for a file that does not exist. */
const isDeepLink = ({ method, headers }: Request, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  headers.accept?.includes('text/html') === true &&
  !OTHERS.test(path) &&
  !/\.[^/]*$/.test(path);
