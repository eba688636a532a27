import type { CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent, MongoClient } from 'mongodb';
import type { Metrics } from '../process/metrics.ts';
import type { Span, Tracing } from '../telemetry/tracing.ts';

const BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 10];

/** Measures the connection pool and the wait for a connection. It must be called before `connect`. */
export function instrumentPool(client: MongoClient, metrics: Metrics): void {
  const count = { in_use: 0, waiting: 0 };
  const waited = metrics.time(
    'database_checkout_wait_seconds',
    'Time that a command waited for a connection',
    [],
    BUCKETS,
  );
  const failed = metrics.count(
    'database_checkout_failures_total',
    'Commands that got no connection',
    'reason',
  );
  // A connection that closes while it is in use is checked in first.
  const open = new Set<string>();
  client.on('connectionReady', ({ address, connectionId }) => void open.add(`${address} ${connectionId}`));
  client.on(
    'connectionClosed',
    ({ address, connectionId }) => void open.delete(`${address} ${connectionId}`),
  );
  client.on('connectionCheckOutStarted', () => {
    count.waiting += 1;
  });
  client.on('connectionCheckedOut', ({ durationMS }) => {
    count.waiting -= 1;
    count.in_use += 1;
    waited.observe(durationMS / 1000);
  });
  client.on('connectionCheckOutFailed', ({ reason }) => {
    count.waiting -= 1;
    failed(reason);
  });
  client.on('connectionCheckedIn', () => {
    count.in_use -= 1;
  });
  metrics.observe(
    'database_pool_connections',
    'Connections to the database, and commands that wait for one',
    async () => ({
      in_use: count.in_use,
      idle: Math.max(0, open.size - count.in_use),
      waiting: count.waiting,
    }),
    'state',
  );
}

/** Records a span for each command within a trace; the client needs `monitorCommands`. */
export function traceCommands(client: MongoClient, tracing: Tracing): void {
  const running = new Map<number, Span>();
  client.on('commandStarted', (event) => {
    if (!tracing.active()) return;
    const collection = collectionOf(event);
    const name = collection === undefined ? event.commandName : `${event.commandName} ${collection}`;
    const span = tracing.begin(name, {
      kind: 'client',
      fields: {
        'db.system.name': 'mongodb',
        'db.namespace': event.databaseName,
        'db.collection.name': collection,
        'db.operation.name': event.commandName,
      },
    });
    running.set(event.requestId, span);
  });
  const end = ({ requestId, ...event }: CommandSucceededEvent | CommandFailedEvent): void => {
    const span = running.get(requestId);
    if (!span) return;
    running.delete(requestId);
    if ('failure' in event) span.fail(event.failure);
    span.end();
  };
  client.on('commandSucceeded', end);
  client.on('commandFailed', end);
}

function collectionOf({ command, commandName }: CommandStartedEvent): string | undefined {
  const named: unknown = commandName === 'getMore' ? command.collection : command[commandName];
  return typeof named === 'string' ? named : undefined;
}
