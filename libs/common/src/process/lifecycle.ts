import type { Registry } from 'prom-client';
import { ConfigError } from '../config/config.ts';
import type { TelemetrySettings } from '../telemetry/settings.ts';
import { noTelemetry, startTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { type HealthCheck, servePrivately } from './health.ts';
import { createLog, type Log } from './logging.ts';
import { observeProcess } from './metrics.ts';
import { collectWhenQuiet } from './quiet-collection.ts';
import { whileStarting } from './wait-for.ts';

export type Service = {
  /** This is the public port. */
  port: number;
  health: HealthCheck;
  /** The process's own metrics are added. */
  metrics: Registry;
  /** It finishes work in progress, then closes everything. */
  stop(): Promise<void>;
};

type ProcessConfig = {
  logLevel: string;
  host: string;
  privatePort: number;
  privateHosts?: readonly string[];
  telemetry?: TelemetrySettings | undefined;
};

const STOP_WITHIN_MS = 10_000;

/** Runs a service: SIGTERM or SIGINT ends it within 10 s, a second signal at once; 0 is a clean end. */
export async function runProcess<C extends ProcessConfig>(
  name: string,
  loadConfig: () => C,
  start: (config: C, log: Log, telemetry: Telemetry) => Promise<Service>,
): Promise<void> {
  const config = loadOrExit(name, loadConfig);
  let telemetry = noTelemetry;
  const ids = config.telemetry?.traces && (() => telemetry.tracing.ids());
  const log = createLog(name, config.logLevel, undefined, ids);
  telemetry = await startTelemetry(name, config.telemetry ?? {}, log);
  let stopping = false;
  let service: Service | undefined;

  const end = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    log.info({ signal }, 'stopping');
    stopping = true;
    setTimeout(() => {
      log.error('not stopped in time');
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    await service?.stop();
    await Promise.all([telemetry.tracing.stop(), telemetry.reports.flush()]);
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  let dying = false;
  const die = async (err: unknown, what: string): Promise<void> => {
    log.fatal({ err }, what);
    if (dying) process.exit(1);
    dying = true;
    telemetry.reports.report(err, 'fatal', telemetry.tracing.ids());
    await Promise.all([telemetry.tracing.stop(), telemetry.reports.flush()]);
    process.exit(1);
  };
  process.on('uncaughtException', (err) => void die(err, 'uncaught exception'));

  const health: HealthCheck = async () => {
    if (dying) return { problems: ['ending after a fatal error'], notes: [] };
    if (!stopping && service) return service.health();
    return stopping ? { problems: ['stopping'], notes: [] } : whileStarting();
  };
  try {
    const metrics = async () => (await service?.metrics.metrics()) ?? '';
    // A container has the service's name as its host name.
    const names = [name, ...(config.privateHosts ?? [])];
    await servePrivately(health, metrics, config.host, config.privatePort, names);
    service = await start(config, log, telemetry);
    observeProcess(service.metrics, health);
    collectWhenQuiet();
    log.info({ port: service.port }, 'ready');
  } catch (err) {
    if (stopping) return;
    await die(err, 'could not start');
  }
}

function loadOrExit<C>(name: string, loadConfig: () => C): C {
  try {
    return loadConfig();
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    createLog(name, 'info').fatal(err.message);
    process.exit(1);
  }
}
