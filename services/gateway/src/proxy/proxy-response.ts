import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import type { Dispatcher } from 'undici';
import { headersForCaller } from './forwarded-headers.ts';

export type Failure = {
  error: Error;
  reached: boolean;
  /** The caller has gone or does not read, so the service is not to blame. */
  byCaller: boolean;
};

export type ResponseListener = {
  connected(): void;
  began(status: number, headers: IncomingHttpHeaders): void;
  done(failure?: Failure): void;
};

const NOTHING = Buffer.alloc(0);

class CallerGone extends Error {
  override name = 'CallerGone';
}

const EXPOSED = 'access-control-expose-headers';

function exposeToo(res: Response, names: string): void {
  const begun = res.getHeader(EXPOSED);
  if (begun !== undefined) res.setHeader(EXPOSED, `${begun}, ${names}`);
}

/** `timeoutMs` limits the wait for a caller that takes nothing more. */
export function createProxyResponse(
  res: Response,
  timeoutMs: number,
  listener: ResponseListener,
): Dispatcher.DispatchHandler {
  let reached = false;
  let abort = () => {};
  let stalled: NodeJS.Timeout | undefined;
  const settle = (failure?: Failure): void => {
    clearTimeout(stalled);
    res.off('close', abort);
    listener.done(failure);
  };
  return {
    onRequestStart(controller) {
      reached = true;
      listener.connected();
      abort = () => controller.abort(new CallerGone('the caller has gone'));
      if (res.destroyed) abort();
      else res.once('close', abort);
    },
    onResponseStart(_controller, status, headers: IncomingHttpHeaders) {
      // Interim responses (RFC 9110, 15.2) are between the gateway and the service.
      if (status < 200) return;
      listener.began(status, headers);
      res.status(status);
      for (const [name, value] of Object.entries(headersForCaller(headers))) {
        if (value === undefined) continue;
        if (name === 'vary') res.vary(String(value));
        else if (name === EXPOSED) exposeToo(res, String(value));
        else res.setHeader(name, value);
      }
      // flushHeaders would write the headers as UTF-8, and they are bytes.
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
      // The caller must see that the response is incomplete.
      if (res.headersSent) res.destroy();
      settle({ error: err, reached, byCaller });
    },
  };
}
