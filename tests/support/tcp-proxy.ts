import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Testbed } from './testbed.ts';

export type TcpProxy = {
  url: string;
  /** Blocks all traffic; resolves when a client sends this text. */
  cut(until: string): Promise<void>;
  /** Blocks all traffic when a client sends this text, and then resolves. */
  cutAt(words: string): Promise<void>;
  /** Blocks what the server answers when a client sends this text, and then resolves. */
  cutAnswersAt(words: string): Promise<void>;
  /** Closes all connections; new ones work. */
  mend(): void;
};

export async function startTcpProxy(bed: Pick<Testbed, 'stopLater'>, target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isMute = false;
  let awaited: (PromiseWithResolvers<void> & { words: string; passes: boolean }) | undefined;
  const listenFor = (words: string, passes = false): Promise<void> => {
    awaited = { ...Promise.withResolvers<void>(), words, passes };
    return awaited.promise;
  };
  const server = createServer((client) => {
    const behind = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => void to.destroy());
      from.on('data', (data) => {
        if (awaited && from === client && data.includes(awaited.words)) {
          if (awaited.passes) isMute = true;
          else isCut = true;
          awaited.resolve();
        }
        if (!isCut && !(isMute && from === behind)) to.write(data);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  bed.stopLater(async () => {
    server.close();
    breakAll();
  });
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut(until) {
      isCut = true;
      return listenFor(until);
    },
    cutAt: (words) => listenFor(words),
    cutAnswersAt: (words) => listenFor(words, true),
    mend() {
      [isCut, isMute, awaited] = [false, false, undefined];
      breakAll();
    },
  };
}
