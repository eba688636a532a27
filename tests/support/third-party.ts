import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { freePort } from '../../tools/engines/index.ts';
import type { Testbed } from './testbed.ts';

/** This HTTP server replaces a service, and behaves as no service of ours would. */
export type ThirdParty = {
  url: string;
  server: Server;
  connections: Socket[];
  kill(): Promise<void>;
};

export async function startThirdParty(
  bed: Pick<Testbed, 'stopLater'>,
  listener: RequestListener,
  port = 0,
  host = '127.0.0.1',
): Promise<ThirdParty> {
  const server = createServer(listener);
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => void connections.push(socket));
  server.listen(port, host);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  const kill = async () => {
    server.close();
    server.closeAllConnections();
  };
  bed.stopLater(kill);
  return { url: `http://${host}:${taken}`, server, connections, kill };
}

/** The port is not in the range that the system gives away. */
export const nobodyAt = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
