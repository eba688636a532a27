import { brokerAddress } from '@quartet/common/config/fields.ts';
import { connectDatabase } from '@quartet/common/database/database.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { databaseUrl } from '../../tools/engines/index.ts';
import { removeStreams } from './remove-streams.ts';

/** Removes a stack's database, streams and buckets from configured servers; `signal` ends the wait. */
export async function removeStack(id: string, signal = new AbortController().signal): Promise<void> {
  const log = createLog('test', 'silent');
  const url = databaseUrl(process.env);
  if (url !== undefined) {
    const database = await connectDatabase({ url, name: id }, 'quartet-test', log, signal);
    await database.db.dropDatabase();
    await database.close();
  }
  if (process.env.NATS_URL) {
    const address = brokerAddress.parse(process.env.NATS_URL);
    const broker = await connectBroker({ ...address, namespace: id, name: 'test', log, signal });
    await removeStreams(broker);
    await broker.close();
  }
}
