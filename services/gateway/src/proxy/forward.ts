import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { unavailable } from '@quartet/common/errors.ts';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import { logOf, requestIdOf } from '@quartet/common/http/request-context.ts';
import { type Dispatcher, errors } from 'undici';
import type { Upstream } from '../upstream/upstream.ts';
import type { UpstreamInstance } from '../upstream/upstream-instance.ts';
import type { InstrumentTry } from '../upstream/upstream-instrumentation.ts';
import { type HeaderList, headersForUpstream, replacing } from './forwarded-headers.ts';
import { createProxyResponse, type Failure } from './proxy-response.ts';

/** Only a GET or HEAD is sent twice. @throws {AppError} `unavailable` when no instance answers in time */
export async function forward(
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer | null,
  { upstream, trusts, instrument }: { upstream: Upstream; trusts: TrustsProxy; instrument: InstrumentTry },
): Promise<void> {
  const headers = headersForUpstream(req, requestIdOf(res), trusts);
  const tried = new Set<UpstreamInstance>();
  for (;;) {
    const instance = upstream.pick(tried) ?? (await upstream.pickAfterLookup(tried));
    if (!instance) throw unavailable();
    tried.add(instance);
    const triedAt = Date.now();
    const failure = await instrument(instance, req, res, (trace) =>
      tryInstance(instance, req, res, { headers: replacing(headers, trace), body, upstream }),
    );
    if (!failure || failure.byCaller) return;
    logOf(res).warn({ upstream: instance.url, ip: instance.ip, err: failure.error }, 'upstream failed');
    if (res.headersSent) return;
    // Another instance gets what this one never saw, and a read whose connection broke.
    if (!failure.reached) upstream.noteRefusal(instance, triedAt);
    else if (!(isRead(req) && body === null) || failure.error instanceof errors.HeadersTimeoutError)
      throw unavailable();
  }
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

async function tryInstance(
  instance: UpstreamInstance,
  req: IncomingMessage,
  res: ServerResponse,
  { headers, body, upstream }: { headers: HeaderList; body: Buffer | null; upstream: Upstream },
): Promise<Failure | undefined> {
  const options: Dispatcher.DispatchOptions = {
    path: req.url ?? '',
    method: req.method as Dispatcher.HttpMethod,
    headers,
    body,
  };
  const { pool } = instance;
  instance.inFlight += 1;
  try {
    return await new Promise((done) => {
      const connected = () => {
        instance.refusals = 0;
      };
      const began = (status: number, answered: IncomingHttpHeaders) => {
        // undici closes after a HEAD, and a service may after a refusal: neither means that it drains.
        if (req.method === 'HEAD' || status >= 400) return;
        upstream.noteResponse(instance, pool, answered.connection?.toLowerCase() === 'close');
      };
      pool.dispatch(options, createProxyResponse(res, upstream.timeoutMs, { connected, began, done }));
    });
  } finally {
    instance.inFlight -= 1;
  }
}
