import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { freeStackPort } from './free-stack-port.ts';
import { launch } from './launch.ts';
import { planPorts } from './ports.ts';
import type { Programs } from './service-specs.ts';
import { Sink, stubPrograms, tempFolder } from './test-support.ts';

export const WAIT = { timeout: 30_000, interval: 50 };

/** What a stub service answers. */
export type StubAnswer = {
  pid: number;
  env: Record<string, string>;
};

/** A project folder with stub services, free ports and room for data. */
export async function prepare(items = 1) {
  const root = await tempFolder();
  const port = await freeStackPort((first) => [planPorts(first, items)]);
  return { root, port, programs: await stubPrograms(root), data: join(root, 'data') };
}

/** Starts a launcher inside this process, with signals and streams of its own. */
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

/** Asks a stub service who it is. */
export async function ask(port: number, path = '/'): Promise<StubAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return JSON.parse(await response.text());
}
