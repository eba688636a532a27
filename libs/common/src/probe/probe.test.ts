import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProxied } from '../../../../tests/support/run-proxied.ts';
import { type Health, servePrivately } from '../process/health.ts';

const PROGRAM = join(import.meta.dirname, 'main.ts');

/** Runs the image's health check against a private port. */
function probe(port: number): Promise<{ code: number | string | null | undefined; said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, PRIVATE_PORT: String(port) };
    execFile(process.execPath, [PROGRAM], { env }, (err, said) => resolve({ code: err?.code ?? 0, said }));
  });
}

async function serve(health: Health): Promise<number> {
  const server = await servePrivately(
    async () => health,
    async () => '',
    '127.0.0.1',
    0,
  );
  onTestFinished(() => server.drain());
  return server.port;
}

test('given a process that is ready, then the check succeeds', async () => {
  expect(await probe(await serve({ problems: [], notes: ['the broker is away'] }))).toMatchObject({
    code: 0,
  });
});

test('given a problem, then the check fails and says which', async () => {
  const { code, said } = await probe(await serve({ problems: ['the database does not answer'], notes: [] }));
  expect(code).toBe(1);
  expect(said).toContain('the database does not answer');
});

test('given a proxy in the environment, then the process itself is asked', async () => {
  const port = await serve({ problems: [], notes: [] });
  expect(await runProxied([PROGRAM], { PRIVATE_PORT: String(port) })).toMatchObject({ code: 0, asked: [] });
});

test('given a port on which no process listens, then the check fails', async () => {
  const port = await serve({ problems: [], notes: [] });
  const { code, said } = await probe(port === 65_535 ? port - 1 : port + 1);
  expect(code).toBe(1);
  expect(said).toContain('does not answer');
});

test('given a process that is frozen, then the check fails by itself', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(await probe(port)).toMatchObject({ code: 1 });
});
