import { once } from 'node:events';
import type { Server } from 'node:net';

/** Returns the real port. @throws {Error} that names host, port and the variable that changes it */
export async function listen(server: Server, host: string, port: number, variable: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (err) {
    const { code, message } = err as NodeJS.ErrnoException;
    const inUse = `port ${port} on ${host} is in use; stop the other program or set ${variable}`;
    const other = `cannot listen on ${host} port ${port} (${variable}): ${message}`;
    throw new Error(code === 'EADDRINUSE' ? inUse : other, { cause: err });
  }
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}
