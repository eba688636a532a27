import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startLoad } from './load.ts';

test('given a server that answers nothing in a round, then the load fails and says so', async () => {
  await using resources = new AsyncDisposableStack();
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  resources.defer(() => void server.close().closeAllConnections());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plans = [[{ method: 'GET' as const, path: '/', headers: {} }]];
  const load = startLoad(resources, new AbortController().signal);
  const loaded = load({ url, plans, connections: 2, until: { seconds: 1 } });
  await expect(loaded).rejects.toThrow(`${url} answered nothing in this round: make it longer`);
});
