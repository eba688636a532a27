import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { startBroker } from '../../../tools/engines/index.ts';
import { type Kept, readKept } from './kept.ts';

/** Another broker reads the files of the killed one. */
export async function readStore(dataDir: string, namespace: string, signal: AbortSignal): Promise<Kept> {
  const engine = await startBroker({ dataDir, env: { ...process.env, NATS_URL: '' }, signal });
  try {
    const log = createLog('crash', 'silent');
    const broker = await connectBroker({
      servers: [engine.url],
      namespace,
      name: 'quartet-crash',
      log,
      signal,
    });
    try {
      return await readKept(broker);
    } finally {
      await broker.close();
    }
  } finally {
    await engine.stop();
  }
}
