import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import type { KnownProcess } from './end-processes.ts';
import { signalGroup } from './end-processes.ts';
import { processIdentity } from './process-identity.ts';
import type { Phase } from './process-spec.ts';
import type { Programs } from './service-specs.ts';

/** A folder that is gone when the test is over. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-stack-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A stream that keeps what is written to it. */
export class Sink extends Writable {
  text = '';
  isTTY: boolean;

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }
}

/** Small programs that behave as services do towards the launcher: ready, told to stop, asked to die. */
const STUB = `
import { createServer } from 'node:http';
const { PORT, PRIVATE_PORT, HOST } = process.env;
const name = process.argv[1].split(/[\\\\/]/).at(-3);
const log = (msg) => console.log(JSON.stringify({ level: 30, time: Date.now(), name, msg }));
const servers = [
  createServer((request, response) => {
    if (request.url === '/die') {
      process.exit(3);
    }
    response.end(JSON.stringify({ pid: process.pid, env: process.env }));
  }).listen(PORT, HOST),
  createServer((request, response) => response.end()).listen(PRIVATE_PORT, HOST),
];
log('listening');
process.on('SIGTERM', () => {
  log('draining');
  for (const server of servers) {
    server.close();
  }
});
`;

/** Writes stub services into `root`, with the real mail catcher beside them. */
export async function stubPrograms(root: string): Promise<Programs> {
  const services = join(root, 'services');
  for (const name of serviceNames) {
    await mkdir(join(services, name, 'src'), { recursive: true });
    await writeFile(join(services, name, 'src', 'main.ts'), STUB);
  }
  await writeFile(join(root, 'package.json'), '{ "type": "module" }\n');
  return { root, services, mailCatcher: resolve(import.meta.dirname, '../mail-catcher/main.ts') };
}

/** A script that says it is up, and stays. */
export const FOREVER = 'setInterval(() => {}, 1000); console.log("up");';
/** One that does not even end when asked. */
export const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER}`;

/** A process of our own that stands for a child whose launcher has died. */
export async function orphan(phase: Phase = 'services', script = FOREVER): Promise<KnownProcess> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid ?? Number.NaN;
  onTestFinished(() => void signalGroup(pid, 'SIGKILL'));
  await once(child.stdout, 'data');
  return { name: phase, pid, identity: processIdentity(pid) ?? '', phase };
}
