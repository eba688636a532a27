import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../engines/index.ts';
import { requireFreePorts } from './port-check.ts';
import { planPorts } from './ports.ts';

const plan = (port: number) => planPorts(port, 1);

describe('a port in use', () => {
  it('is named with the process that needs it and its holder', async () => {
    const [taken, free] = [await freePort(), await freePort()];
    const server = createServer().listen(taken, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const ports = [
      { port: taken, wantedBy: 'auth' },
      { port: free, wantedBy: 'items' },
    ];
    const err = await requireFreePorts(ports, '127.0.0.1', plan).catch((err) => err);
    expect(err.name).toBe('StackError');
    const [first, ...rest] = err.message.split('\n');
    expect(first).toContain(`port ${taken}, wanted by auth, is in use`);
    if (process.platform === 'linux') {
      expect(first).toMatch(new RegExp(` by \\S+ \\(pid ${process.pid}\\)$`));
    }
    expect(rest).toEqual([expect.stringContaining('npm start -- --port')]);
  });

  it('is no error when it is free', async () => {
    await requireFreePorts([{ port: await freePort(), wantedBy: 'auth' }], '127.0.0.1', plan);
  });

  it('given an address that this machine does not have, then that is the reason', async () => {
    const ports = [{ port: await freePort(), wantedBy: 'auth' }];
    await expect(requireFreePorts(ports, '192.0.2.1', plan)).rejects.toThrow(
      'wanted by auth, cannot be used on 192.0.2.1: EADDRNOTAVAIL',
    );
  });
});
