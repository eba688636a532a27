import { listenError } from '../engines/index.ts';
import { StackError } from './errors.ts';
import { portHolder } from './port-holder.ts';

/** Makes sure that every port is free; throws StackError that names each one that is not, what wanted it and who has it. */
export async function requireFreePorts(
  ports: { port: number; wantedBy: string }[],
  host: string,
): Promise<void> {
  const problems = await Promise.all(ports.map(({ port, wantedBy }) => problemWith(port, wantedBy, host)));
  const lines = problems.filter((problem) => problem !== undefined);
  if (lines.length > 0) {
    const hint = 'End what holds it, or move all ports: npm start -- --port 9100';
    throw new StackError([...lines, hint].join('\n'));
  }
}

async function problemWith(port: number, wantedBy: string, host: string): Promise<string | undefined> {
  for (const address of addressesOf(host)) {
    const code = await listenError(port, address);
    if (code === 'EADDRINUSE') {
      const holder = await portHolder(port);
      return `port ${port}, wanted by ${wantedBy}, is in use${holder === undefined ? '' : ` by ${holder}`}`;
    }
    if (code !== undefined && address === host) {
      return `port ${port}, wanted by ${wantedBy}, cannot be used on ${host}: ${code}`;
    }
  }
  return undefined;
}

/** Whoever listens on ::1 alone would get the requests to "localhost" that are meant for us on 127.0.0.1. */
function addressesOf(host: string): string[] {
  return host === '127.0.0.1' ? [host, '::1'] : [host];
}
