import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@quartet/common/database/database.ts';
import * as z from 'zod';
import { serviceNames } from '../../../services/services.ts';
import { planPorts } from '../../../tools/stack/ports.ts';
import type { Stack } from '../../system/stack.ts';
import { wasRefused } from '../clients/send.ts';

export type Probes = Map<string, () => Promise<void>>;

const PROBE_WITHIN_MS = 2_000;
const POLL_MS = 25;

export function createProbes(
  { api, inbox, broker: brokerUrl }: Stack,
  items: number,
  database: Database,
  isReady: (url: string) => Promise<void> = answers200,
): Probes {
  const plan = planPorts(Number(new URL(api).port), items);
  const ready = (port: number) => () => isReady(`http://127.0.0.1:${port}/health/ready`);
  return new Map([
    ...serviceNames.flatMap((name) =>
      [plan[name]]
        .flat()
        .map(({ privatePort }, at): [string, () => Promise<void>] => [
          at === 0 ? name : `${name}-${at + 1}`,
          ready(privatePort),
        ]),
    ),
    ['mail', () => answers200(`${inbox}/readyz`)],
    ['database', () => database.ping()],
    ['broker', () => greets(brokerUrl ?? process.env.NATS_URL)],
  ]);
}

/** Resolves after recovery or abort; `stillGone` gets each time in ms since the epoch without a listener. */
export async function untilBack(
  probe: () => Promise<void>,
  signal: AbortSignal,
  stillGone: (atMs: number) => void,
): Promise<void> {
  let isGone = true;
  for (let tries = 0; !signal.aborted; tries += 1) {
    const askedAtMs = Date.now();
    const failure = await probe().then(
      () => undefined,
      (err: unknown) => ({ isRefusal: err instanceof Error && wasRefused(err.cause) }),
    );
    if (!failure) return;
    // The first try may use a connection that died with the process.
    isGone &&= failure.isRefusal || tries === 0;
    if (isGone && failure.isRefusal) stillGone(askedAtMs);
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** @throws {Error} unless the address answers 200 */
export async function answers200(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_WITHIN_MS) });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
}

const health = z.object({ notes: z.array(z.string()) });

/** @throws {Error} unless a service is ready without a note */
export async function readyWithoutNote(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_WITHIN_MS) });
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
  const { notes } = health.parse(body);
  if (notes.length > 0) throw new Error(`it notes: ${notes.join('; ')}`);
}

/** @throws {Error} unless the gateway forwards to each service, which refuses a call without a token */
export async function routesAnswer(api: string): Promise<void> {
  for (const path of ['/users/me', '/items/', '/emails/']) {
    const response = await fetch(api + path, { signal: AbortSignal.timeout(PROBE_WITHIN_MS) });
    await response.arrayBuffer();
    if (response.status !== 401) throw new Error(`${path} answers ${response.status}`);
  }
}

/** A NATS server sends the first message. */
function greets(url: string | undefined): Promise<void> {
  const { hostname, port } = new URL(url ?? 'nats://127.0.0.1:4222');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setTimeout(PROBE_WITHIN_MS, () => socket.destroy(new Error('the broker says nothing')));
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the broker closed')));
  });
}
