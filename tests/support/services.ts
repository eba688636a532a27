import { storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import { addressSetting } from '@quartet/common/service/description.ts';
import type { Clock } from '../../services/auth/src/clock.ts';
import { loadConfig as loadAuth } from '../../services/auth/src/config.ts';
import { startAuth } from '../../services/auth/src/service.ts';
import { loadConfig as loadGateway } from '../../services/gateway/src/config.ts';
import { startGateway } from '../../services/gateway/src/service.ts';
import { loadConfig as loadItems } from '../../services/items/src/config.ts';
import { startItems } from '../../services/items/src/service.ts';
import { loadConfig as loadNotifier } from '../../services/notifier/src/config.ts';
import { startNotifier } from '../../services/notifier/src/service.ts';
import { upstreamNames } from '../../services/services.ts';
import { type Client, createClient } from './client.ts';
import type { Testbed } from './testbed.ts';

/** A service that runs in the test's process, over real HTTP. */
export type Running = Service & { url: string; client: Client };

const SWEEP = { everyMs: 200, graceMs: 100 };

/** Tests say themselves what these register; of any other service the gateway knows that it has no routes. */
const STARTED: readonly string[] = ['auth', 'items', 'notifier'];

/** On a busy machine the broker may take long over hundreds of counts at once; it is not away for that. */
const LIMITS_WAIT_MS = 10_000;

/**
 * @param clock the time that its rate limits know, which are off unless `env` says otherwise
 * @param limitsWaitMs how long they wait for the broker before they count without it
 * @param earlierAddressesAfterMs when it brings addresses of an earlier release into the form
 */
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

/** An auth that assumes no process of the former release is left. */
export const runRolledOutAuth = (bed: Testbed): Promise<Running> =>
  runAuth(bed, {}, undefined, LIMITS_WAIT_MS, 0);

/**
 * @param sameKindPauseMs between two e-mails of a kind to one address
 * @param earlierAddressesAfterMs when it brings addresses of an earlier release into the form
 */
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

/**
 * @param env AUTH_URL, ITEMS_URL and NOTIFIER_URL of what stands behind it
 * @param strangers beginnings of paths that a third party answers
 */
export async function runGateway(
  bed: Testbed,
  env: Record<string, string>,
  strangers: string[] = [],
): Promise<Running> {
  await Promise.all(
    upstreamNames
      .filter((name) => !STARTED.includes(name) && env[addressSetting(name)] === undefined)
      .map((name) => storeRegistration(bed.broker, name, { routes: [] })),
  );
  return running(bed, await startGateway(loadGateway({ ...bed.env, ...env }), bed.log), strangers);
}

/** @param strangers beginnings of paths that are another service's */
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
