import * as z from 'zod';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { watchBucket } from './watched-bucket.ts';

/** This key holds the last OpenAPI document that the services agreed on. */
export const LAST_DOCUMENT = 'openapi-document';

const described = z.record(z.string(), z.unknown());

const registration = z.object({
  routes: z.array(
    z.object({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      path: z.string().startsWith('/'),
      access: z.enum(['anyone', 'user', 'superuser']),
      /** By path parameter; earlier releases leave it out. */
      formats: z.record(z.string(), z.object({ pattern: z.string(), detail: z.string() })).optional(),
    }),
  ),
  api: z
    .object({
      tags: z.array(z.object({ name: z.string(), description: z.string() })),
      paths: z.record(z.string(), z.record(z.string(), described)),
      schemas: z.record(z.string(), described),
    })
    .default({ tags: [], paths: {}, schemas: {} }),
  consumes: z.array(z.string()).default([]),
});

export type Registration = z.output<typeof registration>;

/** Registers a service with the gateway; the registration stays while the service is away. */
export async function storeRegistration(
  broker: Broker,
  service: string,
  what: z.input<typeof registration>,
): Promise<void> {
  const kv = await broker.kvm.open(broker.names.routes);
  await kv.put(service, JSON.stringify(what));
}

/** Calls back with each service's registration, now and after every change. */
export function watchRegistrations(
  broker: Broker,
  changed: (service: string, registered: Registration) => void,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const watcher = {
    put(service: string, value: unknown) {
      if (service !== LAST_DOCUMENT) changed(service, registration.parse(value));
    },
    removed(service: string) {
      if (service !== LAST_DOCUMENT) changed(service, registration.parse({ routes: [] }));
    },
  };
  return watchBucket(broker, broker.names.routes, watcher, log, signal);
}

/** Stores the OpenAPI document for gateways that start while services contradict each other. */
export async function storeLastDocument(broker: Broker, text: string): Promise<void> {
  const kv = await broker.kvm.open(broker.names.routes);
  await kv.put(LAST_DOCUMENT, JSON.stringify(text));
}

/** Returns the OpenAPI document that was last stored, as JSON text. */
export async function readLastDocument(broker: Broker): Promise<string | undefined> {
  const kv = await broker.kvm.open(broker.names.routes);
  const entry = await kv.get(LAST_DOCUMENT);
  return entry?.operation === 'PUT' ? z.string().parse(entry.json()) : undefined;
}
