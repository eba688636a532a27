import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import { badRequest, invalid, methodNotAllowed, type ValidationDetail } from '../../errors.ts';
import type { Log } from '../../process/logging.ts';
import type { Authorize } from '../../tokens/access.ts';
import { type Dispatch, pathBelow } from '../app.ts';
import { createAddressOf, createOwnOrigin, type TrustsProxy, trustsNobody } from '../caller-address.ts';
import { discardBody, readForm, readJsonObject, readQuery } from '../input/body.ts';
import { holdsSecrets } from '../input/body-faults.ts';
import { cut } from '../input/bounds.ts';
import { refuseUnfit } from '../input/input-schema.ts';
import { type OnUnworded, type Part, validate } from '../input/validation.ts';
import { logOf, noteCaller, noteOperation, requestIdOf, traceparentOf } from '../request-context.ts';
import { JSON_TYPE, send, sendEmpty, sendJson } from '../send.ts';
import { entityTag, hasRevision } from './conditions.ts';
import { type ParamRule, Reply, Revised, type Route, StreamedReply } from './route.ts';
import { createRouteTable, type Match } from './route-table.ts';

type Known = Exclude<Match<Route>, { kind: 'unknown' }>;

/** Serves routes below `prefix`, checking token, role, path, query, body in order. @throws {Error} for an unfit schema */
export function serveRoutes(
  prefix: string,
  routes: readonly Route[],
  authorize: Authorize,
  trusts: TrustsProxy = trustsNobody,
): Dispatch {
  for (const each of routes) refuseUnfitRoute(each);
  const table = createRouteTable(routes);
  const addressOf = createAddressOf(trusts);
  const ownOriginOf = createOwnOrigin(trusts);
  const unworded = new Set<string>();
  const warnOfUnworded = (kind: string, log: Log): void => {
    if (!unworded.has(kind)) log.warn({ kind }, 'a broken rule has no wording: zod’s message was answered');
    unworded.add(kind);
  };

  async function serve(match: Known, req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (match.kind === 'wrong-method') throw methodNotAllowed(match.allowed);
    const { route, params } = match;
    const { authorization } = req.headers;
    noteOperation(res, route.operationId, route.method, route.path);
    const caller = (await route.identify?.(req)) ?? (await authorize(route.access, authorization));
    if (caller) noteCaller(res, caller.userId);
    const read = readParams(route.params ?? {}, params);
    const { query, body } = await readInput(route, req, (kind) => warnOfUnworded(kind, logOf(res)));
    const answer = await route.handler({
      ...{ query, body, caller, params: read, authorization: authorization ?? '' },
      get address() {
        return addressOf(req, logOf(res));
      },
      headers: req.headers,
      get ownOrigin() {
        return ownOriginOf(req);
      },
      get gone() {
        return whenClosed(res);
      },
      checkRevision(revision) {
        if (route.conditional) hasRevision(route.method, req.headers, revision);
      },
      async stillAllowed() {
        await authorize(route.access, authorization);
      },
      requestId: requestIdOf(res),
      traceparent: traceparentOf(req, res),
      get log() {
        return logOf(res);
      },
    });
    if (answer instanceof Revised) sendRevised(req, res, route, answer);
    else if (answer instanceof StreamedReply) answer.begin(res);
    else sendAnswer(res, route, answer);
  }

  return (req, res) => {
    const path = pathBelow(prefix, req.url ?? '');
    const match = path === undefined ? undefined : table.match(req.method ?? '', path);
    return match && match.kind !== 'unknown' ? serve(match, req, res) : undefined;
  };
}

function whenClosed(res: ServerResponse): AbortSignal {
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

function refuseUnfitRoute({ method, path, params = {}, query, headers, body }: Route): void {
  const where = `${method} ${path}`;
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    if (!params[name]) throw new Error(`${where} says nothing of its parameter ${name}`);
  }
  if (query) refuseUnfit(query, `${where} query`);
  if (headers) refuseUnfit(headers, `${where} headers`);
  if (body) refuseUnfit(body, `${where} body`);
}

async function readInput(
  route: Route,
  req: IncomingMessage,
  onUnworded: OnUnworded,
): Promise<{ query: unknown; body: unknown }> {
  const faults: ValidationDetail[] = [];
  const check = (part: Part, schema: z.ZodType, raw: unknown): unknown => {
    const { data, details } = validate(schema, part, raw, onUnworded);
    faults.push(...details);
    return data;
  };
  const query = route.query && check('query', route.query, readQuery(req.url ?? ''));
  if (route.headers) check('header', route.headers, req.headers);
  if (!route.body) await discardBody(req);
  const body =
    route.body &&
    (route.form
      ? check('form', route.body, await readForm(req))
      : check('body', route.body, await readJsonObject(req, holdsSecrets(route.body))));
  if (faults.length > 0) throw invalid(faults);
  return { query, body };
}

function sendRevised(
  { headers }: IncomingMessage,
  res: ServerResponse,
  { method, conditional, answer }: Route,
  { body, revision }: Revised<unknown>,
): void {
  const etag = { ETag: entityTag(revision) };
  if (conditional && method === 'GET' && hasRevision(method, headers, revision)) sendEmpty(res, 304, etag);
  else sendJson(res, answer.status ?? 200, body, etag);
}

function sendAnswer(res: ServerResponse, { answer: rule }: Route, answer: unknown): void {
  const { body, headers } = answer instanceof Reply ? answer : { body: answer };
  const status = rule.status ?? 200;
  if (rule.mediaType === undefined) sendJson(res, status, body, headers);
  else
    send(
      res,
      status,
      rule.mediaType === 'application/json' ? JSON_TYPE : rule.mediaType,
      Buffer.isBuffer(body) ? body : String(body),
      headers,
    );
}
