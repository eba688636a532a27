import { createApp } from '@quartet/common/http/app.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { createMetrics } from '@quartet/common/process/metrics.ts';
import { serveDashboard } from '../serve-dashboard.ts';
import type { DashboardConfig } from './config.ts';

/** Serves the dashboard at an origin of its own, and nothing else: it needs no broker, no database and no API. */
export async function startDashboard(config: DashboardConfig, log: Log): Promise<Service> {
  const { host, port, receiveWithinMs, folder, projectName, apiUrl } = config;
  const metrics = createMetrics();
  const handler = serveDashboard(folder, { projectName, apiUrl });
  const app = createApp({ log, metrics, handlers: [['/', handler]] });
  const server = await listen(app, host, port, { log, metrics, receiveWithinMs });
  return {
    port: server.port,
    metrics: metrics.registry,
    health: async () => ({ problems: [], notes: [] }),
    stop: () => server.drain(),
  };
}
