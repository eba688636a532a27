import { brokerAddress } from '@quartet/common/config/fields.ts';
import { connectDatabase, type Database } from '@quartet/common/database/database.ts';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { databaseUrl } from '../../../tools/engines/index.ts';
import type { Stack } from '../../system/stack.ts';

export type Inspection = { database: Database; broker: Broker; close(): Promise<void> };

export async function inspect(
  stack: Pick<Stack, 'id' | 'database' | 'broker'>,
  signal: AbortSignal,
): Promise<Inspection> {
  const log = createLog('crash', 'silent');
  const url = stack.database ?? databaseUrl(process.env);
  const server = stack.broker ?? process.env.NATS_URL;
  if (url === undefined || server === undefined)
    throw new Error('the stack does not say where its engines are');
  const name = 'quartet-crash';
  const [database, broker] = await Promise.all([
    connectDatabase({ url, name: stack.id }, name, log, signal),
    connectBroker({ ...brokerAddress.parse(server), namespace: stack.id, name, log, signal }),
  ]);
  return {
    database,
    broker,
    async close() {
      await broker.close();
      await database.close();
    },
  };
}
