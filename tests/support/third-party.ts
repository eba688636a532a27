import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { freePort } from '../../tools/engines/index.ts';
import type { Testbed } from './testbed.ts';

/** An HTTP server that is none of ours: it stands where a service should and does what no service of ours would. */
export type ThirdParty = {
  url: string;
  server: Server;
  /** Every connection that was ever made to it. */
  connections: Socket[];
  /** Ends it together with its connections, as a crash would. */
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

/** An address at which nobody listens; of no port that the system may give to somebody else meanwhile. */
export const nobodyAt = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
