import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { ConfigError } from '../src/config/config.ts';
import { listen } from '../src/http/server/server.ts';
import { runProcess } from '../src/process/lifecycle.ts';
import { waitFor } from '../src/process/wait-for.ts';
import type { TelemetrySettings } from '../src/telemetry/settings.ts';

/** A small service: its arguments are its mode, its telemetry and its private port. */
const [mode, telemetry = '{}', privatePort = '0'] = process.argv.slice(2);

await runProcess(
  'tiny',
  () => {
    if (mode === 'misconfigured')
      throw new ConfigError('The configuration is wrong:\n  PORT: one\n  SECRET: two');
    return {
      logLevel: 'info',
      host: '127.0.0.1',
      privatePort: Number(privatePort),
      telemetry: JSON.parse(telemetry) as TelemetrySettings,
    };
  },
  async (_config, log) => {
    if (mode === 'unstartable') throw new Error('no luck');
    log.info('starting');
    if (mode === 'starting') await delay(60_000);
    const { signal } = new AbortController();
    const refuse = () => Promise.reject(new Error('not here'));
    if (mode === 'waiting') await waitFor('the database', refuse, log, signal);
    const server = await listen(
      async (req, res) => {
        if (req.url === '/crash') setImmediate(() => Promise.reject(new Error('nobody caught me')));
        log.info('request arrived');
        await once(process, 'SIGTERM');
        res.end('finished');
      },
      '127.0.0.1',
      0,
    );
    return {
      port: server.port,
      metrics: new Registry(),
      health: async () => ({ problems: [], notes: [] }),
      stop: () => (mode === 'hanging' ? delay(60_000) : server.drain()),
    };
  },
);
