import type { Registry } from 'prom-client';
import { ConfigError } from './config.ts';
import { type HealthCheck, servePrivately } from './health.ts';
import { createLog, type Log } from './logging.ts';
import { observeProcess } from './process-metrics.ts';

/** A started service. */
export type Service = {
  /** The public port. */
  port: number;
  health: HealthCheck;
  /** What it measures; those of the process are added to them. */
  metrics: Registry;
  /** Finishes what is in hand, then lets go of everything. */
  stop(): Promise<void>;
};

type ProcessConfig = { logLevel: string; host: string; privatePort: number };

const STOP_WITHIN_MS = 10_000;

/**
 * Runs a service as this process: health from the first moment, SIGTERM and SIGINT end it within 10 s,
 * a second signal at once. Exit code 0 after a clean end, else 1.
 */
export async function runProcess<C extends ProcessConfig>(
  name: string,
  loadConfig: () => C,
  start: (config: C, log: Log) => Promise<Service>,
): Promise<void> {
  const config = loadOrExit(name, loadConfig);
  const log = createLog(name, config.logLevel);
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
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught exception');
    process.exit(1);
  });

  const health: HealthCheck = async () => {
    if (!stopping && service) return service.health();
    return { problems: [stopping ? 'stopping' : 'starting'], notes: [] };
  };
  try {
    const metrics = async () => (await service?.metrics.metrics()) ?? '';
    await servePrivately(health, metrics, config.host, config.privatePort);
    service = await start(config, log);
    observeProcess(service.metrics, health);
    log.info({ port: service.port }, 'ready');
  } catch (err) {
    if (stopping) return;
    log.fatal({ err }, 'could not start');
    process.exit(1);
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
