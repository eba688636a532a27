import type { IncomingHttpHeaders } from 'node:http';
import { unavailable } from '@quartet/common/errors.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import { logOf, requestIdOf } from '@quartet/common/http/request-context.ts';
import type { Request, Response } from 'express';
import { type Dispatcher, errors } from 'undici';
import type { Upstream } from '../upstream/upstream.ts';
import type { UpstreamInstance } from '../upstream/upstream-address.ts';
import type { InstrumentedTry } from '../upstream/upstream-instrumentation.ts';
import { headersForUpstream } from './forwarded-headers.ts';
import { createProxyResponse, type Failure } from './proxy-response.ts';

/**
 * Passes a request on to a service and its answer back, that as a stream.
 * An address that cannot be connected to is set aside and another is tried; so is a GET or HEAD whose connection
 * broke before an answer began. Nothing that a service may have acted on is ever sent twice.
 * @throws {AppError} `unavailable` when no address answers, or not in time
 */
export async function forward(
  req: Request,
  res: Response,
  body: Buffer | null,
  { upstream, trusts, watched }: { upstream: Upstream; trusts: TrustsProxy; watched: InstrumentedTry },
): Promise<void> {
  const headers = headersForUpstream(req, requestIdOf(res), trusts);
  const tried = new Set<UpstreamInstance>();
  for (;;) {
    const address = upstream.pick(tried) ?? (await upstream.pickAnew(tried));
    if (!address) throw unavailable();
    tried.add(address);
    const triedAt = Date.now();
    const failure = await watched(address, req, res, (trace) =>
      tryAddress(address, req, res, { headers: { ...headers, ...trace }, body, upstream }),
    );
    if (!failure || failure.byCaller) return;
    logOf(res).warn({ upstream: address.url, ip: address.ip, err: failure.error }, 'upstream failed');
    if (res.headersSent) return;
    if (!failure.reached) upstream.refused(address, triedAt);
    else if (!(isRead(req) && body === null) || failure.error instanceof errors.HeadersTimeoutError)
      throw unavailable();
  }
}

const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

async function tryAddress(
  address: UpstreamInstance,
  req: Request,
  res: Response,
  {
    headers,
    body,
    upstream,
  }: { headers: Record<string, string | string[]>; body: Buffer | null; upstream: Upstream },
): Promise<Failure | undefined> {
  const options: Dispatcher.DispatchOptions = {
    // The whole target as it was sent; Express shortens `url` below a mount point.
    path: req.originalUrl,
    method: req.method as Dispatcher.HttpMethod,
    headers,
    body,
  };
  const { pool } = address;
  address.inFlight += 1;
  try {
    return await new Promise((done) => {
      const connected = () => {
        address.refusals = 0;
      };
      const began = (status: number, answered: IncomingHttpHeaders) => {
        // After a HEAD undici ends the connection, and after a refusal the rest of a body may be why it ends.
        if (req.method === 'HEAD' || status >= 400) return;
        upstream.answered(address, pool, answered.connection?.toLowerCase() === 'close');
      };
      pool.dispatch(options, createProxyResponse(res, upstream.timeoutMs, { connected, began, done }));
    });
  } finally {
    address.inFlight -= 1;
  }
}
