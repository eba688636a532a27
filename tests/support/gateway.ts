import type { RequestListener } from 'node:http';
import { storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import type { RouteSummary } from '@quartet/common/http/routes/route.ts';
import { expect } from 'vitest';
import type { Answer } from './client.ts';
import { type Running, runAuth, runGateway } from './services.ts';
import { startTestbed, type Testbed } from './testbed.ts';
import { nobodyAt, startThirdParty, type ThirdParty } from './third-party.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const allMethods = (path: string, access: RouteSummary['access'] = 'anyone'): RouteSummary[] =>
  METHODS.map((method) => ({ method, path, access }));

const ITEM_ROUTES = [...allMethods('/items'), ...allMethods('/items/{id}')];

export type GatewayOptions =
  Parameters<typeof runBehindGateway> extends [Testbed, ...infer Options] ? Options : never;

/** `items` is the first of the servers that stand in place of items. */
export type GatewayBed = {
  bed: Testbed;
  auth: Running;
  gateway: Running;
  items: ThirdParty;
  replicas: ThirdParty[];
};

/** Each listener replaces items and takes every method of `/items` and `/items/{id}` from anyone. */
export async function runBehindGateway(
  bed: Testbed,
  listeners: RequestListener | RequestListener[],
  env: Record<string, string> = {},
  routes: RouteSummary[] = ITEM_ROUTES,
): Promise<GatewayBed> {
  const auth = await runAuth(bed);
  const replicas = await Promise.all([listeners].flat().map((listener) => startThirdParty(bed, listener)));
  const [items] = replicas;
  if (!items) throw new Error('a gateway bed needs a listener');
  await storeRegistration(bed.broker, 'items', { routes });
  await storeRegistration(bed.broker, 'notifier', { routes: [] });
  const addresses = {
    AUTH_URL: auth.url,
    ITEMS_URL: replicas.map(({ url }) => url).join(','),
    NOTIFIER_URL: await nobodyAt(),
  };
  const gateway = await runGateway(bed, { ...addresses, ...env }, ['/items']);
  return { bed, auth, gateway, items, replicas };
}

/** The caller stops the testbed. */
export const startGatewayBed = async (...options: GatewayOptions): Promise<GatewayBed> =>
  runBehindGateway(await startTestbed(), ...options);

export function expectUnavailable({ status, headers, body }: Answer): void {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(headers.get('x-request-id')).toMatch(/^[\w.-]+$/);
  expect(body).toEqual({ detail: 'Service unavailable' });
}
