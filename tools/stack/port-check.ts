import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { runChild } from '../child-process.ts';
import { listenError } from '../engines/index.ts';
import { StackError } from './errors.ts';
import { listPorts, type PortPlan } from './ports.ts';

type WantedPort = ReturnType<typeof listPorts>[number];

const SUGGESTED = { first: 9100, step: 100, last: 19_900 };

/** @throws {StackError} that names each used port, its holder, who needs it, and a free range */
export async function requireFreePorts(
  ports: WantedPort[],
  host: string,
  plan: (gatewayPort: number) => PortPlan,
): Promise<void> {
  const lines = await problemsWith(ports, host);
  if (lines.length === 0) return;
  const hint = `End what holds it, or move all ports: npm start -- --port ${await freeGatewayPort(plan, host)}`;
  throw new StackError([...lines, hint].join('\n'));
}

async function freeGatewayPort(plan: (port: number) => PortPlan, host: string): Promise<number | 'PORT'> {
  for (let port = SUGGESTED.first; port <= SUGGESTED.last; port += SUGGESTED.step) {
    if ((await problemsWith(listPorts(plan(port)), host)).length === 0) return port;
  }
  return 'PORT';
}

async function problemsWith(ports: WantedPort[], host: string): Promise<string[]> {
  const problems = await Promise.all(ports.map((port) => problemWith(port, host)));
  return problems.filter((problem) => problem !== undefined);
}

async function problemWith({ port, wantedBy }: WantedPort, host: string): Promise<string | undefined> {
  // A listener on ::1 alone would get the requests to "localhost" that are meant for 127.0.0.1.
  for (const address of host === '127.0.0.1' ? [host, '::1'] : [host]) {
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

async function portHolder(port: number): Promise<string | undefined> {
  return process.platform === 'linux' ? holderOnLinux(port) : holderByLsof(port);
}

async function holderOnLinux(port: number): Promise<string | undefined> {
  const inodes = [...(await listeningInodes('tcp', port)), ...(await listeningInodes('tcp6', port))];
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of (await list('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await list(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (!links.has(link)) continue;
      // The file "comm" has the name of a thread, which Node sets to MainThread.
      const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return `${basename(program) || 'a process'} (pid ${pid})`;
    }
  }
  return undefined;
}

async function listeningInodes(table: 'tcp' | 'tcp6', port: number): Promise<string[]> {
  const LISTEN = '0A';
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTEN && inode !== undefined && local?.endsWith(wanted) ? [inode] : [];
  });
}

async function holderByLsof(port: number): Promise<string | undefined> {
  const { output } = await runChild('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    env: process.env,
    timeoutMs: 3000,
  });
  const [, pid, name] = /^p(\d+)\nc(.+)$/m.exec(output) ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
