import { execFile } from 'node:child_process';
import { listen } from '@quartet/common/http/server/server.ts';
import { onTestFinished } from 'vitest';

/** Runs code in a process with a proxy in its environment; returns its output and the proxy's requests. */
export async function runProxied(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ said: string; code: number | string | null; asked: string[] }> {
  const asked: string[] = [];
  const proxy = await listen(
    (req, res) => {
      asked.push(req.url ?? '');
      res.writeHead(502, { Connection: 'close' }).end();
    },
    '127.0.0.1',
    0,
  );
  onTestFinished(() => proxy.drain());
  const address = `http://127.0.0.1:${proxy.port}`;
  const proxied = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args],
      { env: { ...process.env, ...proxied, ...env } },
      (error, out, err) => resolve({ said: `${out}${err}`, code: error?.code ?? 0, asked }),
    );
  });
}
