import type { Request, RequestHandler, Response } from 'express';
import type * as z from 'zod';
import { badRequest, invalid, methodNotAllowed, type ValidationDetail } from '../errors.ts';
import type { Authorize } from '../tokens/access.ts';
import { discardBody, readForm, readJsonObject, readQuery } from './body.ts';
import { createAddressOf, type TrustsProxy, trustsNobody } from './caller-address.ts';
import { logOf, noteOperation, requestIdOf, traceparentOf } from './request-context.ts';
import { type ParamRule, Reply, type Route } from './route.ts';
import { createRouteTable, pathnameOf } from './route-table.ts';
import { holdsSecrets, type Part, toDetails } from './validation.ts';

/**
 * Serves declared routes below an Express mount point, checking in the contract's order:
 * token, role, path, query and body. Passes on what no route takes.
 * @param trusts the proxies that are believed when they tell whom they speak for
 */
export function serveRoutes(
  routes: readonly Route[],
  authorize: Authorize,
  trusts: TrustsProxy = trustsNobody,
): RequestHandler {
  const table = createRouteTable(routes);
  const addressOf = createAddressOf(trusts);
  return async (req, res, next) => {
    const match = table.match(req.method, pathnameOf(req.url));
    if (match.kind === 'unknown') return next();
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { route, params } = match;
    const operation = { operation: route.operationId, method: route.method, route: route.path };
    noteOperation(res, operation);
    const caller = await authorize(route.access, req.headers.authorization);
    noteOperation(res, operation, caller?.userId);
    checkParams(route.params ?? {}, params);
    const answer = await route.handler({
      ...(await readInput(route, req)),
      caller,
      authorization: req.headers.authorization ?? '',
      params,
      get address() {
        return addressOf(req, logOf(res));
      },
      get gone() {
        return whenClosed(res);
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

function checkParams(rules: Record<string, ParamRule>, params: Record<string, string>): void {
  for (const [name, value] of Object.entries(params)) {
    const format = rules[name]?.format;
    if (format && !format.pattern.test(value)) throw badRequest(format.detail);
  }
}

async function readInput(route: Route, req: Request): Promise<{ query: unknown; body: unknown }> {
  const faults: ValidationDetail[] = [];
  const check = (part: Part, schema: z.ZodType, raw: unknown): unknown => {
    const parsed = schema.safeParse(raw);
    if (!parsed.success) faults.push(...toDetails(parsed.error, part, raw));
    return parsed.data;
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
