import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { Dispatcher } from 'undici';
import { headersForCaller } from './forwarded-headers.ts';

/** How a try at one address ended, when it did not end well. */
export type Failure = {
  error: Error;
  /** The service may have seen the request. */
  reached: boolean;
  /** The caller has gone or does not read: the service is not to blame, and nobody is there to be answered. */
  byCaller: boolean;
};

/** What is heard of while an answer is relayed. */
export type ResponseListener = {
  /** A connection was found, and the request goes out on it. */
  connected(): void;
  /** The answer began; its headers are the service's. */
  began(status: number, headers: IncomingHttpHeaders): void;
  done(failure?: Failure): void;
};

const NOTHING = Buffer.alloc(0);

class CallerGone extends Error {
  override name = 'CallerGone';
}

const EXPOSED = 'access-control-expose-headers';

/** A service may show more of an answer to the pages that CORS lets read it, and to no others. */
function exposeToo(res: Response, names: string): void {
  const begun = res.getHeader(EXPOSED);
  if (begun !== undefined) res.setHeader(EXPOSED, `${begun}, ${names}`);
}

/**
 * Writes an answer to the caller as fast as the caller reads it.
 * @param timeoutMs longest wait for a caller that takes nothing more
 */
export function createProxyResponse(
  res: Response,
  timeoutMs: number,
  hearing: ResponseListener,
): Dispatcher.DispatchHandler {
  let reached = false;
  let abort = () => {};
  let stalled: NodeJS.Timeout | undefined;
  const settle = (failure?: Failure): void => {
    clearTimeout(stalled);
    res.off('close', abort);
    hearing.done(failure);
  };
  return {
    onRequestStart(controller) {
      reached = true;
      hearing.connected();
      abort = () => controller.abort(new CallerGone('the caller has gone'));
      if (res.destroyed) abort();
      else res.once('close', abort);
    },
    onResponseStart(_controller, status, headers: IncomingHttpHeaders) {
      // Interim answers (RFC 9110, 15.2) are between the gateway and the service.
      if (status < 200) return;
      hearing.began(status, headers);
      res.status(status);
      for (const [name, value] of Object.entries(headersForCaller(headers))) {
        if (value === undefined) continue;
        // Vary was begun by CORS.
        if (name === 'vary') res.vary(String(value));
        else if (name === EXPOSED) exposeToo(res, String(value));
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
    onResponseError(_controller, err) {
      const byCaller = err instanceof CallerGone || res.destroyed;
      // Half an answer cannot be taken back: the caller must see that it broke off.
      if (res.headersSent) res.destroy();
      settle({ error: err, reached, byCaller });
    },
  };
}
