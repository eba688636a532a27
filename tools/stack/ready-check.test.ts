import { listen } from '@quartet/common/http/server/server.ts';
import { expect, onTestFinished, test } from 'vitest';
import { runProxied } from '../../tests/support/run-proxied.ts';

test('given a proxy in the environment, then the readiness request goes directly to the process', async () => {
  const server = await listen((_req, res) => void res.setHeader('Connection', 'close').end(), '127.0.0.1', 0);
  onTestFinished(() => server.drain());
  const code = `
    import { untilHealthy } from ${JSON.stringify(new URL('./ready-check.ts', import.meta.url))};
    console.log(await untilHealthy('http://127.0.0.1:${server.port}/', AbortSignal.timeout(5_000)));`;
  const { said, asked } = await runProxied(['--input-type=module', '--eval', code]);
  expect({ said, asked }).toEqual({ said: 'true\n', asked: [] });
});
