import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { HealthCheck } from './health.ts';

/**
 * Adds what every process tells of itself: Node's and the system's figures, and as `quartet_ready` what `/health/ready`
 * answers, so that Prometheus sees a process that runs and is of no use.
 */
export function observeProcess(registry: Registry, health: HealthCheck): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'quartet_ready',
    help: '1 while the process should be sent requests',
    registers: [registry],
    async collect() {
      const isReady = await health().then(
        ({ problems }) => problems.length === 0,
        () => false,
      );
      this.set(isReady ? 1 : 0);
    },
  });
}
