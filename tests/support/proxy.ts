import { createApp } from '@quartet/common/http/app.ts';
import { type HttpServer, listen } from '@quartet/common/http/server/server.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { noTracing } from '@quartet/common/telemetry/tracing.ts';
import { createBodies } from '../../services/gateway/src/proxy/bodies.ts';
import { forward } from '../../services/gateway/src/proxy/forward.ts';
import type { Lookup } from '../../services/gateway/src/upstream/resolve-name.ts';
import { createUpstream } from '../../services/gateway/src/upstream/upstream.ts';
import { createUpstreamInstrumentation } from '../../services/gateway/src/upstream/upstream-instrumentation.ts';

/** This is the gateway's proxy to one service, without routes and tokens. */
export type BareProxy = {
  url: string;
  server: HttpServer;
  asked(): number;
  logLines(): Record<string, unknown>[];
  stopLater(stop: () => Promise<void>): void;
  stop(): Promise<void>;
};

/** No connection is idle for so long. */
export const IDLE_FOR_LONG_MS = 60_000;

/** `lookup` resolves names in the URLs; `idleMs` defaults to the gateway's. */
export async function startProxy(
  urls: readonly string[],
  lookup: Lookup = () => Promise.reject(new Error('nothing is to be looked up')),
  idleMs?: number,
): Promise<BareProxy> {
  const lines: string[] = [];
  const log = createLog('proxy', 'debug', { write: (line) => void lines.push(line) });
  const upstream = createUpstream(urls, { timeoutMs: 5_000, idleMs, lookup, log });
  const bodies = createBodies();
  const instrument = createUpstreamInstrumentation(noTracing)('proxied');
  let asked = 0;
  const app = createApp({
    log,
    handlers: [
      [
        '/',
        (req, res) => {
          asked += 1;
          return bodies.read(req, (body) =>
            forward(req, res, body, { upstream, trusts: () => false, instrument }),
          );
        },
      ],
    ],
  });
  const server = await listen(app, '127.0.0.1', 0);
  const stops: (() => Promise<void>)[] = [];
  return {
    url: `http://127.0.0.1:${server.port}`,
    server,
    asked: () => asked,
    logLines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    stopLater: (stop) => void stops.push(stop),
    async stop() {
      await server.drain();
      await upstream.close();
      for (const stop of stops.toReversed()) await stop();
    },
  };
}
