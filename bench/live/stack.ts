import { MALLOC_SETTINGS, NODE_FLAGS } from '../../tools/stack/node-process.ts';
import { startEngines } from '../engines.ts';
import { type BenchService, startService } from '../service-process.ts';
import type { Options } from './options.ts';

export type LiveStack = { gateway: BenchService };

/** All services, each a process, on engines of their own. */
export async function startLiveStack(
  { streams, perUser }: Options,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<LiveStack> {
  const engines = await startEngines(resources, signal);
  const env: Record<string, string> = {
    ...MALLOC_SETTINGS,
    ...engines.env,
    CONNECTIONS_PER_ADDRESS: String(streams + 10_000),
    LIVE_CONNECTIONS: String(streams + perUser),
    LIVE_CONNECTIONS_PER_USER: String(perUser),
  };
  const start = async (name: string): Promise<BenchService> => {
    const service = await startService(name, env, signal, NODE_FLAGS);
    resources.defer(() => service.stop());
    return service;
  };
  const auth = await start('auth');
  env.AUTH_URL = auth.url;
  env.ITEMS_URL = (await start('items')).url;
  env.NOTIFIER_URL = (await start('notifier')).url;
  return { gateway: await start('gateway') };
}
