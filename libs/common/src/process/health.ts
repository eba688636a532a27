import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { Database } from '../database/database.ts';
import type { Broker } from '../events/broker/broker.ts';
import { knownHosts } from '../http/host.ts';
import { type HttpServer, listen } from '../http/server/server.ts';

const PING_WITHIN_MS = 1_500;
const FOREIGN_HOST = 'asked for as a host that PRIVATE_HOSTS does not name';

/** `problems` are reasons to send no requests here; `notes` are faults that stop no request. */
export type Health = { problems: string[]; notes: string[] };

export type HealthCheck = () => Promise<Health>;

/** Checks dependencies; without the broker requests work, and a problem would stop all replicas at once. */
export async function checkParts(
  broker: Broker,
  database?: Database,
  withinMs = PING_WITHIN_MS,
): Promise<Health> {
  const ping = (database?.ping() ?? Promise.resolve()).then(
    () => true,
    () => false,
  );
  // A frozen database never answers.
  const answers = await Promise.race([ping, delay(withinMs, false, { ref: false })]);
  return {
    problems: answers ? [] : ['the database does not answer'],
    notes: broker.isConnected()
      ? notesOfMissing(broker)
      : ['the broker is away: events wait, revocations come late'],
  };
}

const notesOfMissing = ({ looks }: Broker): string[] =>
  Object.entries(looks.present())
    .filter(([, isThere]) => !isThere)
    .map(([stream]) => `the broker has lost ${stream}: what needs it waits until auth has made it again`);

/** Serves `/health/live`, `/health/ready` and `/metrics` (Prometheus's text); a foreign host gets a 403. */
export function servePrivately(
  ready: HealthCheck,
  metrics: () => Promise<string>,
  host: string,
  port: number,
  names: readonly string[] = [],
): Promise<HttpServer> {
  const isOurs = knownHosts(names);
  const answers: Record<string, HealthCheck> = {
    '/health/live': async () => ({ problems: [], notes: [] }),
    '/health/ready': ready,
  };
  return listen(
    async (req, res) => {
      if (!isOurs(req.headers.host)) {
        res.writeHead(403, { 'Content-Type': 'application/json' });
        res.end(JSON.stringify({ status: 'not ok', problems: [FOREIGN_HOST], notes: [] }));
        return;
      }
      if (req.url === '/metrics') {
        const text = await metrics().catch(() => undefined);
        res.writeHead(text === undefined ? 500 : 200, { 'Content-Type': Registry.PROMETHEUS_CONTENT_TYPE });
        res.end(text);
        return;
      }
      const check = Object.hasOwn(answers, req.url ?? '') ? answers[req.url ?? ''] : undefined;
      const health = check && (await check().catch(() => ({ problems: ['the check failed'], notes: [] })));
      const status = health === undefined ? 404 : health.problems.length === 0 ? 200 : 503;
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ status: status === 200 ? 'ok' : 'not ok', ...health }));
    },
    host,
    port,
  );
}
