import { type HttpServer, listen } from './http/server.ts';

/** What is wrong just now, in words; nothing when all is well. */
export type HealthCheck = () => Promise<string[]>;

/**
 * The private port: `/health/live` answers as long as the process runs, `/health/ready` says whether it should be
 * sent requests, and if not, why.
 */
export function serveHealth(ready: HealthCheck, host: string, port: number): Promise<HttpServer> {
  const answers: Record<string, () => Promise<string[]>> = {
    '/health/live': async () => [],
    '/health/ready': ready,
  };
  return listen(
    async (req, res) => {
      const check = answers[req.url ?? ''];
      const problems = check ? await check().catch(() => ['the check failed']) : ['Not Found'];
      const status = check === undefined ? 404 : problems.length === 0 ? 200 : 503;
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ status: status === 200 ? 'ok' : 'not ok', problems }));
    },
    host,
    port,
  );
}
