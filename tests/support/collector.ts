import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const value = z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional() });
const fields = z
  .array(z.object({ key: z.string(), value }))
  .transform((list) =>
    Object.fromEntries(list.map(({ key, value: it }) => [key, it.stringValue ?? it.intValue])),
  );
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: fields,
  status: z.object({ code: z.number().optional(), message: z.string().optional() }),
  events: z.array(z.unknown()).default([]),
});
const batch = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: fields }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

export type CollectedSpan = z.output<typeof span> & { service: unknown; resource: Record<string, unknown> };

/** This is a foreign server that keeps what it receives. */
export type Desk = {
  url: string;
  received: { path: string; headers: Record<string, unknown>; body: string }[];
  stop(): Promise<void>;
};

/** `answer` runs after the whole request is read. */
export async function startDesk(answer: RequestListener = (_req, res) => res.end('{}')): Promise<Desk> {
  const received: Desk['received'] = [];
  const server = createServer(async (req, res) => {
    const body = await text(req).catch(() => '');
    received.push({ path: req.url ?? '', headers: req.headers, body });
    answer(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Returns the spans that arrived as OTLP over HTTP in JSON. */
export function spansAt({ received }: Desk): CollectedSpan[] {
  return received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => batch.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ resource: { attributes }, scopeSpans }) =>
      scopeSpans
        .flatMap(({ spans }) => spans)
        .map((it) => ({ ...it, service: attributes['service.name'], resource: attributes })),
    );
}
