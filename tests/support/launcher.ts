import { EventEmitter } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import { launch } from '../../tools/stack/launch.ts';
import { planPorts } from '../../tools/stack/ports.ts';
import type { Programs } from '../../tools/stack/service-specs.ts';
import { freeStackPort } from './free-stack-port.ts';
import { Sink } from './sink.ts';
import { tempFolder } from './temp-folder.ts';

/** These programs behave like services: they become ready, stop on a signal, and die on request. */
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

export async function stubPrograms(root: string): Promise<Programs> {
  const services = join(root, 'services');
  for (const name of serviceNames) {
    await mkdir(join(services, name, 'src'), { recursive: true });
    await writeFile(join(services, name, 'src', 'main.ts'), STUB);
  }
  await writeFile(join(root, 'package.json'), '{ "type": "module" }\n');
  return { root, services, mailCatcher: resolve(import.meta.dirname, '../../tools/mail-catcher/main.ts') };
}

export const WAIT = { timeout: 30_000, interval: 50 };

export type StubAnswer = {
  pid: number;
  env: Record<string, string>;
};

/** Makes a project folder with stub services, free ports and a data folder. */
export async function prepare(items = 1) {
  const root = await tempFolder();
  const port = await freeStackPort((first) => [planPorts(first, items)]);
  return { root, port, programs: await stubPrograms(root), data: join(root, 'data') };
}

export function run(argv: string[], programs: Programs, env: NodeJS.ProcessEnv = {}, startWithinMs = 30_000) {
  const [stdout, stderr, signals] = [new Sink(), new Sink(), new EventEmitter()];
  const fullEnv = { ...process.env, ENGINES: 'embedded', ...env };
  const code = launch(argv, { env: fullEnv, programs, signals, stdout, stderr, startWithinMs });
  onTestFinished(async () => {
    signals.emit('SIGTERM', 'SIGTERM');
    await code;
  });
  const said = (msg: string) =>
    stdout
      .lines()
      .map((line) => JSON.parse(line))
      .filter((line) => line.name === 'stack' && line.msg === msg);
  const until = (msg: string) => vi.waitFor(() => expect(said(msg)[0]).toBeDefined(), WAIT);
  return { stdout, stderr, signals, code, said, until };
}

export async function ask(port: number, path = '/'): Promise<StubAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return JSON.parse(await response.text());
}
