import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { run } from '../engines/run.ts';

/** Says who listens on a port, such as `node (pid 4711)`; undefined when that cannot be seen. */
export async function portHolder(port: number): Promise<string | undefined> {
  return process.platform === 'linux' ? holderOnLinux(port) : holderByLsof(port);
}

async function holderOnLinux(port: number): Promise<string | undefined> {
  const inodes = [...(await listeningInodes('tcp', port)), ...(await listeningInodes('tcp6', port))];
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of await list('/proc')) {
    if (!/^\d+$/.test(pid)) {
      continue;
    }
    for (const fd of await list(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (links.has(link)) {
        // Not "comm": that is the name of a thread, which Node sets to MainThread.
        const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
        return `${basename(program) || 'a process'} (pid ${pid})`;
      }
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
  const { output } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeoutMs: 3000 });
  const [, pid, name] = /^p(\d+)\nc(.+)$/m.exec(output) ?? [];
  return pid === undefined ? undefined : `${name} (pid ${pid})`;
}

function list(folder: string): Promise<string[]> {
  // A process may end, or belong to somebody else.
  return readdir(folder).catch(() => []);
}
