import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { unavailable } from '@quartet/common/errors.ts';
import { logOf, requestIdOf } from '@quartet/common/http/request-context.ts';
import type { Request, Response } from 'express';
import type { Dispatcher } from 'undici';
import { headersForCaller, headersForUpstream, type TrustsProxy } from './forwarded-headers.ts';
import type { Address, Upstream } from './upstream.ts';

/** How a try at one address ended, when it did not end well. `reached`: the service may have seen the request. */
type Failure = { error: Error; reached: boolean };

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Passes a request on to a service and its answer back, both as streams: no body is ever held here.
 * An address that cannot be connected to is set aside and another is tried; so is a GET or HEAD whose connection
 * broke before an answer began. Nothing that a service may have acted on is ever sent twice.
 * @throws {AppError} `unavailable` when no address answers, or not in time
 */
export async function forward(
  req: Request,
  res: Response,
  upstream: Upstream,
  trusts: TrustsProxy,
): Promise<void> {
  const headers = headersForUpstream(req, requestIdOf(res), trusts);
  const tried = new Set<Address>();
  for (;;) {
    const address = upstream.pick(tried);
    if (!address) throw unavailable();
    tried.add(address);
    const failure = await tryAddress(address, req, res, headers);
    if (!failure) return;
    logOf(res).warn({ upstream: address.url, err: failure.error }, 'upstream failed');
    if (!failure.reached) upstream.rest(address);
    else if (!isRepeatable(req) || res.headersSent) throw unavailable();
  }
}

const isRepeatable = (req: IncomingMessage): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') && !hasBody(req);

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * An iterable, not the request itself: a failed connection would destroy that, and its socket with it.
 * undici documents iterables as bodies; its types leave them out.
 */
function bodyOf(req: IncomingMessage): Readable {
  return req.iterator({ destroyOnReturn: false }) as unknown as Readable;
}

async function tryAddress(
  address: Address,
  req: Request,
  res: Response,
  headers: Record<string, string | string[]>,
): Promise<Failure | undefined> {
  const options: Dispatcher.DispatchOptions = {
    // The whole target as it was sent; Express shortens `url` below a mount point.
    path: req.originalUrl,
    method: req.method as Dispatcher.HttpMethod,
    headers,
    body: hasBody(req) ? bodyOf(req) : null,
  };
  address.inFlight += 1;
  try {
    return await new Promise((resolve) => address.pool.dispatch(options, relayTo(res, resolve)));
  } finally {
    address.inFlight -= 1;
  }
}

/** Writes an answer to the caller as fast as the caller reads it. */
function relayTo(res: Response, done: (failure?: Failure) => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      res.once('close', () => {
        if (!res.writableFinished) controller.abort(new Error('the caller has gone'));
      });
    },
    onResponseStart(_controller, status, headers: IncomingHttpHeaders) {
      res.status(status);
      for (const [name, value] of Object.entries(headersForCaller(headers))) {
        if (value === undefined) continue;
        // Vary was begun by CORS.
        if (name === 'vary') res.vary(String(value));
        else res.setHeader(name, value);
      }
      res.flushHeaders();
    },
    onResponseData(controller, chunk) {
      if (res.write(chunk)) return;
      controller.pause();
      res.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      res.end();
      done();
    },
    onResponseError(_controller, error) {
      // Half an answer cannot be taken back: the caller must see that it broke off.
      if (res.headersSent) res.destroy();
      const code = 'code' in error ? String(error.code) : '';
      done({ error, reached: !NEVER_CONNECTED.has(code) });
    },
  };
}
