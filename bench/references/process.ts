import { endWithParent, say } from '../child.ts';
import { connectOperations } from './operations.ts';
import { constantServer, driverServer, expressServer, listenOn, proxyServer } from './servers.ts';

/** The arguments are the name of a reference, then the database's address and name, or the address of (b). */
const [reference = '', url = '', name = ''] = process.argv.slice(2);

const listeners = {
  constant: async () => constantServer(await connectOperations(url, name)),
  driver: async () => driverServer(await connectOperations(url, name)),
  express: async () => expressServer(await connectOperations(url, name)),
  proxy: async () => proxyServer(url),
};

endWithParent();
const listener = listeners[reference as keyof typeof listeners];
if (!listener) throw new Error(`no reference ${reference}`);
say({ port: await listenOn(await listener()) });
