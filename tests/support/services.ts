import { storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import { addressSetting, recordOf } from '@quartet/common/service/description.ts';
import type { Clock } from '../../services/auth/src/clock.ts';
import { loadConfig as loadAuth } from '../../services/auth/src/config.ts';
import { startAuth } from '../../services/auth/src/service.ts';
import { loadConfig as loadGateway } from '../../services/gateway/src/config.ts';
import type { LiveSettings } from '../../services/gateway/src/live/live-updates.ts';
import { startGateway } from '../../services/gateway/src/service.ts';
import { loadConfig as loadItems } from '../../services/items/src/config.ts';
import { startItems } from '../../services/items/src/service.ts';
import { loadConfig as loadNotifier } from '../../services/notifier/src/config.ts';
import { startNotifier } from '../../services/notifier/src/service.ts';
import { type ServiceName, serviceNames, type UpstreamName, upstreamNames } from '../../services/services.ts';
import { type Client, createClient } from './client.ts';
import type { Testbed } from './testbed.ts';

export type Running = Service & { url: string; client: Client };

const SWEEP = { everyMs: 200, graceMs: 100 };

/** A test registers routes for these; the gateway assumes no routes of other services. */
const STARTED: readonly string[] = ['auth', 'items', 'notifier'];

/** A busy broker may take long for hundreds of counts. */
const LIMITS_WAIT_MS = 10_000;

/** Rate limits are off unless `env` sets them; `limitsWaitMs` limits their wait for the broker. */
export async function runAuth(
  bed: Testbed,
  env: Record<string, string> = {},
  clock?: Clock,
  limitsWaitMs = LIMITS_WAIT_MS,
  earlierAddressesAfterMs?: number,
): Promise<Running> {
  const waits = { limitsWaitMs, earlierAddressesAfterMs };
  const config = { ...loadAuth({ ...bed.env, ...env }), sweep: SWEEP, clock, ...waits };
  const isLocal = (env.ENVIRONMENT ?? 'local') === 'local';
  return running(bed, await startAuth(config, bed.log), isLocal ? ['/items'] : ['/items', '/private']);
}

export async function runItems(
  bed: Testbed,
  auth: Running,
  env: Record<string, string> = {},
  settleMs = 500,
): Promise<Running> {
  const config = { ...loadItems({ ...bed.env, AUTH_URL: auth.url, ...env }), sweep: SWEEP, settleMs };
  return running(bed, await startItems(config, bed.log), ['/users']);
}

/** It assumes that no process of the former release is left. */
export const runRolledOutAuth = (bed: Testbed): Promise<Running> =>
  runAuth(bed, {}, undefined, LIMITS_WAIT_MS, 0);

/** `sameKindPauseMs` is the time between two e-mails of a kind to one address. */
export async function runNotifier(
  bed: Testbed,
  auth: Running,
  env: Record<string, string> = {},
  sameKindPauseMs = 0,
  earlierAddressesAfterMs?: number,
): Promise<Running> {
  const waits = { sameKindPauseMs, earlierAddressesAfterMs };
  const config = { ...loadNotifier({ ...bed.env, AUTH_URL: auth.url, ...env }), ...waits };
  return running(bed, await startNotifier(config, bed.log));
}

/** `env` has the URLs of the services; foreign servers answer paths below `strangers`. */
export async function runGateway(
  bed: Testbed,
  env: Record<string, string>,
  strangers: string[] = [],
  live: Partial<LiveSettings> = {},
): Promise<Running> {
  await Promise.all(
    upstreamNames
      .filter((name) => !STARTED.includes(name) && env[addressSetting(name)] === undefined)
      .map((name) => storeRegistration(bed.broker, name, { routes: [] })),
  );
  const config = { ...loadGateway({ ...bed.env, ...env }), live };
  return running(bed, await startGateway(config, bed.log), strangers);
}

type BehindAuth = Exclude<UpstreamName, 'auth'>;
type Start = (bed: Testbed, auth: Running, env: Record<string, string>) => Promise<Running>;

const startersBehindAuth: Record<BehindAuth, Start> = {
  items: runItems,
  notifier: runNotifier,
};

/** Runs every service of the table; `env` is for each. */
export async function runAllServices(
  bed: Testbed,
  env: Record<string, string> = {},
): Promise<Record<ServiceName, Running>> {
  const auth = await runAuth(bed, env);
  const started = new Map<ServiceName, Running>([['auth', auth]]);
  await Promise.all(
    (Object.entries(startersBehindAuth) as [BehindAuth, Start][]).map(async ([name, start]) => {
      started.set(name, await start(bed, auth, env));
    }),
  );
  const addresses = addressesOf(Object.fromEntries(started));
  started.set('gateway', await runGateway(bed, { ...addresses, ...env }));
  return recordOf(serviceNames, (name) => started.get(name) as Running);
}

/** The settings with which a gateway reaches these services. */
export const addressesOf = (running: Readonly<Record<string, Running>>): Record<string, string> =>
  Object.fromEntries(
    upstreamNames.flatMap((name) => (running[name] ? [[addressSetting(name), running[name].url]] : [])),
  );

function running(bed: Testbed, service: Service, strangers: string[] = []): Running {
  const url = `http://127.0.0.1:${service.port}`;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  bed.stopLater(stop);
  return { ...service, stop, url, client: createClient(url + API_PREFIX, strangers) };
}
