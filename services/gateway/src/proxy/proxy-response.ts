import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { contextOf } from '@quartet/common/http/request-context.ts';
import type { Dispatcher } from 'undici';
import { EXPOSED, headersForCaller } from './forwarded-headers.ts';

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
/** Up to this size, joining an answer with its headers costs less than writing them apart. */
const JOINED_BYTES = 16_384;

class CallerGone extends Error {
  override name = 'CallerGone';
}

/** `timeoutMs` limits the wait for a caller that takes nothing more. */
export function createProxyResponse(
  res: ServerResponse,
  timeoutMs: number,
  listener: ResponseListener,
): Dispatcher.DispatchHandler {
  let reached = false;
  let abort = () => {};
  let stalled: NodeJS.Timeout | undefined;
  let length = Number.NaN;
  let writeHead = () => {};
  const beginAnswer = (): void => {
    if (!res.headersSent) writeHead();
  };
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
      length = Number(headers['content-length']);
      const { fixed, requestId } = contextOf(res);
      const list = headersForCaller(headers, { fixed, exposed: res.getHeader(EXPOSED)?.toString() });
      res.statusCode = status;
      writeHead = () => res.writeHead(status, list.concat('x-request-id', requestId));
      // A short body usually comes with its headers, and both go out in one write.
      if (length <= JOINED_BYTES) return;
      beginAnswer();
      // flushHeaders would write the headers as UTF-8, and they are bytes.
      res.write(NOTHING);
    },
    onResponseData(controller, chunk) {
      if (chunk.length === length && !res.headersSent && length <= JOINED_BYTES) {
        beginAnswer();
        res.end(chunk.toString('latin1'), 'latin1');
        return;
      }
      beginAnswer();
      if (res.write(chunk)) return;
      controller.pause();
      stalled = setTimeout(abort, timeoutMs);
      res.once('drain', () => {
        clearTimeout(stalled);
        controller.resume();
      });
    },
    onResponseEnd() {
      beginAnswer();
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
