import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { unavailable } from '@quartet/common/errors.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import { logOf, requestIdOf } from '@quartet/common/http/request-context.ts';
import type { Request, Response } from 'express';
import { type Dispatcher, errors } from 'undici';
import { headersForCaller, headersForUpstream } from './forwarded-headers.ts';
import type { Address, Upstream } from './upstream.ts';

/** How a try at one address ended, when it did not end well. */
type Failure = {
  error: Error;
  /** The service may have seen the request. */
  reached: boolean;
  /** The caller has gone or does not read: the service is not to blame, and nobody is there to be answered. */
  byCaller: boolean;
};

const NOTHING = Buffer.alloc(0);

class CallerGone extends Error {
  override name = 'CallerGone';
}

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
    const failure = await tryAddress(address, req, res, headers, upstream.timeoutMs);
    if (!failure || failure.byCaller) return;
    logOf(res).warn({ upstream: address.url, err: failure.error }, 'upstream failed');
    if (res.headersSent) return;
    if (!failure.reached) upstream.rest(address);
    else if (!isRepeatable(req) || failure.error instanceof errors.HeadersTimeoutError) throw unavailable();
  }
}

const isRepeatable = (req: IncomingMessage): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') && !hasBody(req);

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** An iterable, not the request itself: a failed connection would destroy that, and its socket with it. */
async function* bodyOf(req: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* req.iterator({ destroyOnReturn: false });
  } finally {
    // A caller may read its answer only after it has sent all of its body, wanted or not.
    req.resume();
  }
}

async function tryAddress(
  address: Address,
  req: Request,
  res: Response,
  headers: Record<string, string | string[]>,
  timeoutMs: number,
): Promise<Failure | undefined> {
  const options: Dispatcher.DispatchOptions = {
    // The whole target as it was sent; Express shortens `url` below a mount point.
    path: req.originalUrl,
    method: req.method as Dispatcher.HttpMethod,
    headers,
    // undici documents iterables as bodies; its types leave them out.
    body: hasBody(req) ? (bodyOf(req) as unknown as Readable) : null,
  };
  address.inFlight += 1;
  try {
    return await new Promise((resolve) => address.pool.dispatch(options, relayTo(res, timeoutMs, resolve)));
  } finally {
    address.inFlight -= 1;
  }
}

/**
 * Writes an answer to the caller as fast as the caller reads it.
 * @param timeoutMs longest wait for a caller that takes nothing more
 */
function relayTo(
  res: Response,
  timeoutMs: number,
  done: (failure?: Failure) => void,
): Dispatcher.DispatchHandler {
  let reached = false;
  let abort = () => {};
  let stalled: NodeJS.Timeout | undefined;
  const settle = (failure?: Failure): void => {
    clearTimeout(stalled);
    res.off('close', abort);
    done(failure);
  };
  return {
    // A connection was found, and the request goes out on it.
    onRequestStart(controller) {
      reached = true;
      abort = () => controller.abort(new CallerGone('the caller has gone'));
      if (res.destroyed) abort();
      else res.once('close', abort);
    },
    onResponseStart(_controller, status, headers: IncomingHttpHeaders) {
      // Interim answers (RFC 9110, 15.2) are between the gateway and the service.
      if (status < 200) return;
      res.status(status);
      for (const [name, value] of Object.entries(headersForCaller(headers))) {
        if (value === undefined) continue;
        // Vary was begun by CORS.
        if (name === 'vary') res.vary(String(value));
        else res.setHeader(name, value);
      }
      // Not flushHeaders: that writes them as UTF-8, and they are bytes.
      res.write(NOTHING);
    },
    onResponseData(controller, chunk) {
      if (res.write(chunk)) return;
      controller.pause();
      stalled = setTimeout(abort, timeoutMs);
      res.once('drain', () => {
        clearTimeout(stalled);
        controller.resume();
      });
    },
    onResponseEnd() {
      res.end();
      settle();
    },
    onResponseError(_controller, error) {
      const byCaller = error instanceof CallerGone || res.destroyed;
      // Half an answer cannot be taken back: the caller must see that it broke off.
      if (res.headersSent) res.destroy();
      settle({ error, reached, byCaller });
    },
  };
}
