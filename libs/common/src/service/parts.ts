import { warnOfDefaultSecrets } from '../config/default-secrets.ts';
import { connectDatabase, type Database } from '../database/database.ts';
import { type Broker, connectBroker } from '../events/broker/broker.ts';
import type { EventCounts } from '../events/event-counts.ts';
import { countEvents, observeBroker } from '../events/event-metrics.ts';
import { createStatusResponder, type StatusResponder } from '../events/status/status-responder.ts';
import type { Log } from '../process/logging.ts';
import { createMetrics, type Metrics } from '../process/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export type BrokerParts = {
  /** The service's name at the broker, the database and the gateway. */
  name: string;
  log: Log;
  metrics: Metrics;
  telemetry: Telemetry;
  broker: Broker;
  /** Tells the gateways how this replica is. */
  status: StatusResponder;
  /** Aborts after the last answer, and ends timers and watches. */
  signal: AbortSignal;
  endBackground(): void;
  close(): Promise<void>;
};

export type ServiceParts = BrokerParts & { database: Database; counts: EventCounts };

type BrokerConfig = {
  defaultSecrets: string[];
  broker: Omit<Parameters<typeof connectBroker>[0], 'name' | 'log' | 'signal' | 'tracing'>;
};
type DatabaseConfig = BrokerConfig & { database: Parameters<typeof connectDatabase>[0] };

/** Connects a service to the broker and waits for it. */
export async function connectBrokerParts(
  name: string,
  config: BrokerConfig,
  log: Log,
  telemetry: Telemetry,
): Promise<BrokerParts> {
  const base = createBase(name, config, log, telemetry);
  const { signal } = base;
  const { tracing } = telemetry;
  const broker = await connectBroker({ ...config.broker, name, log, signal, tracing });
  observeBroker(base.metrics, broker);
  const status = createStatusResponder(name, broker, log);
  return { ...base, broker, status, close: () => broker.close() };
}

/** Connects a service to the broker and the database, and waits for both. */
export async function connectParts(
  name: string,
  config: DatabaseConfig,
  log: Log,
  telemetry: Telemetry,
): Promise<ServiceParts> {
  const base = createBase(name, config, log, telemetry);
  const { metrics, signal } = base;
  const { tracing } = telemetry;
  const [database, { broker, status }] = await Promise.all([
    connectDatabase(config.database, `quartet-${name}`, log, signal, { metrics, tracing }),
    connectBroker({ ...config.broker, name, log, signal, tracing }).then((broker) => ({
      broker,
      // A service that waits for its database answers, too.
      status: createStatusResponder(name, broker, log),
    })),
  ]);
  observeBroker(metrics, broker);
  const close = async () => {
    await broker.close();
    await database.close();
  };
  return { ...base, broker, status, database, counts: countEvents(metrics), close };
}

function createBase(name: string, config: BrokerConfig, log: Log, telemetry: Telemetry) {
  warnOfDefaultSecrets(config.defaultSecrets, log);
  const running = new AbortController();
  return {
    ...{ name, log, telemetry, metrics: createMetrics() },
    signal: running.signal,
    endBackground: () => running.abort(),
  };
}
