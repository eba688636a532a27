import { createServer, type RequestListener } from 'node:http';
import { createApp } from '@quartet/common/http/app.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { createMetrics } from '@quartet/common/process/metrics.ts';
import { noTracing } from '@quartet/common/telemetry/tracing.ts';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createBodies } from '../../services/gateway/src/proxy/bodies.ts';
import { forward } from '../../services/gateway/src/proxy/forward.ts';
import { lookUp } from '../../services/gateway/src/upstream/resolve-name.ts';
import { createUpstream } from '../../services/gateway/src/upstream/upstream.ts';
import { createUpstreamInstrumentation } from '../../services/gateway/src/upstream/upstream-instrumentation.ts';

/** Each candidate has a process of its own, so that its CPU time is separate. */
const [candidate = '', backend = ''] = process.argv.slice(2);

const ANSWER = JSON.stringify({
  data: Array.from({ length: 8 }, (_, id) => ({ id, title: 'x'.repeat(96) })),
});
const TIMEOUT_MS = 30_000;

const listeners: Record<string, () => RequestListener> = {
  direct: () => (_req, res) => {
    res.setHeader('Content-Type', 'application/json');
    res.end(ANSWER);
  },
  gateway: () => {
    const log = createLog('bench', 'silent');
    const upstream = createUpstream([backend], { timeoutMs: TIMEOUT_MS, lookup: lookUp, log });
    const metrics = createMetrics();
    const options = {
      upstream,
      trusts: () => false,
      instrument: createUpstreamInstrumentation(noTracing, metrics)('backend'),
    };
    const bodies = createBodies();
    return createApp({
      log,
      metrics,
      handlers: [['/', (req, res) => bodies.read(req, (body) => forward(req, res, body, options))]],
    });
  },
  'http-proxy-middleware': () => {
    const app = express();
    app.disable('x-powered-by');
    app.use(createProxyMiddleware({ target: backend, xfwd: true, proxyTimeout: TIMEOUT_MS }));
    return app;
  },
};

const listener = listeners[candidate];
if (!listener) throw new Error(`no candidate ${candidate}`);
const server = createServer(listener());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system });
});
process.on('disconnect', () => process.exit());
