import type { Request, RequestHandler, Response } from 'express';
import type * as z from 'zod';
import { badRequest, invalid, methodNotAllowed, type ValidationDetail } from '../../errors.ts';
import type { Log } from '../../process/logging.ts';
import type { Authorize } from '../../tokens/access.ts';
import { createAddressOf, type TrustsProxy, trustsNobody } from '../caller-address.ts';
import { discardBody, readForm, readJsonObject, readQuery } from '../input/body.ts';
import { holdsSecrets } from '../input/body-faults.ts';
import { cut } from '../input/bounds.ts';
import { refuseUnfit } from '../input/input-schema.ts';
import { type OnUnworded, type Part, validate } from '../input/validation.ts';
import { logOf, noteOperation, requestIdOf, traceparentOf } from '../request-context.ts';
import { type ParamRule, Reply, type Route } from './route.ts';
import { createRouteTable, pathnameOf } from './route-table.ts';

/** Serves routes, checking token, role, path, query, body in order. @throws {Error} for an unfit schema */
export function serveRoutes(
  routes: readonly Route[],
  authorize: Authorize,
  trusts: TrustsProxy = trustsNobody,
): RequestHandler {
  for (const each of routes) refuseUnfitRoute(each);
  const table = createRouteTable(routes);
  const addressOf = createAddressOf(trusts);
  const unworded = new Set<string>();
  const warnOfUnworded = (kind: string, log: Log): void => {
    if (!unworded.has(kind)) log.warn({ kind }, 'a broken rule has no wording: zod’s message was answered');
    unworded.add(kind);
  };
  return async (req, res, next) => {
    const match = table.match(req.method, pathnameOf(req.url));
    if (match.kind === 'unknown') return next();
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { route, params } = match;
    const operation = { operation: route.operationId, method: route.method, route: route.path };
    noteOperation(res, operation);
    const caller = await authorize(route.access, req.headers.authorization);
    noteOperation(res, operation, caller?.userId);
    const read = readParams(route.params ?? {}, params);
    const answer = await route.handler({
      ...(await readInput(route, req, (kind) => warnOfUnworded(kind, logOf(res)))),
      caller,
      authorization: req.headers.authorization ?? '',
      params: read,
      get address() {
        return addressOf(req, logOf(res));
      },
      get gone() {
        return whenClosed(res);
      },
      async stillAllowed() {
        await authorize(route.access, req.headers.authorization);
      },
      requestId: requestIdOf(res),
      traceparent: traceparentOf(req, res),
      log: logOf(res),
    });
    send(res, route, answer);
  };
}

function whenClosed(res: Response): AbortSignal {
  const controller = new AbortController();
  if (res.closed) controller.abort();
  else res.once('close', () => controller.abort());
  return controller.signal;
}

function readParams(
  rules: Record<string, ParamRule>,
  params: Record<string, string>,
): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, { maxLength, format }] of Object.entries(rules)) {
    const value = cut(params[name] ?? '', maxLength);
    if (format && !format.pattern.test(value)) throw badRequest(format.detail);
    read[name] = value;
  }
  return read;
}

function refuseUnfitRoute({ method, path, params = {}, query, body }: Route): void {
  const where = `${method} ${path}`;
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    if (!params[name]) throw new Error(`${where} says nothing of its parameter ${name}`);
  }
  if (query) refuseUnfit(query, `${where} query`);
  if (body) refuseUnfit(body, `${where} body`);
}

async function readInput(
  route: Route,
  req: Request,
  onUnworded: OnUnworded,
): Promise<{ query: unknown; body: unknown }> {
  const faults: ValidationDetail[] = [];
  const check = (part: Part, schema: z.ZodType, raw: unknown): unknown => {
    const { data, details } = validate(schema, part, raw, onUnworded);
    faults.push(...details);
    return data;
  };
  const query = route.query && check('query', route.query, readQuery(req.url));
  if (!route.body) await discardBody(req);
  const body =
    route.body &&
    (route.form
      ? check('form', route.body, await readForm(req))
      : check('body', route.body, await readJsonObject(req, holdsSecrets(route.body))));
  if (faults.length > 0) throw invalid(faults);
  return { query, body };
}

function send(res: Response, { answer: rule }: Route, answer: unknown): void {
  const reply = answer instanceof Reply ? answer : new Reply(answer);
  res.status(rule.status ?? 200).set(reply.headers);
  if (rule.mediaType === undefined) res.json(reply.body);
  else res.type(rule.mediaType).send(reply.body);
}
