import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../engines/index.ts';
import { processIdentity } from './process-identity.ts';
import type { ProcessSpec } from './process-spec.ts';
import { untilHealthy } from './ready-check.ts';
import type { Death, Timing } from './supervisor.ts';
import { supervise } from './supervisor.ts';

/** A start may take longer than the default of one second. */
const WAIT = { timeout: 10_000 };
const quick: Timing = { firstDelayMs: 10, longestDelayMs: 40, steadyAfterMs: 60_000 };

function start(script: string, change: Partial<ProcessSpec> = {}, timing = quick) {
  const seen = {
    pids: [] as number[],
    lines: [] as string[],
    ready: 0,
    exits: [] as number[],
    deaths: [] as Death[],
  };
  const spec: ProcessSpec = {
    name: 'child',
    phase: 'services',
    file: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: process.cwd(),
    ready: { line: /^ready/ },
    ...change,
  };
  const child = supervise(
    spec,
    {
      onSpawn: (pid) => void seen.pids.push(pid),
      onLine: (line) => void seen.lines.push(line),
      onReady: () => {
        seen.ready += 1;
      },
      onExit: (pid) => void seen.exits.push(pid),
      onDeath: (death) => void seen.deaths.push(death),
    },
    timing,
  );
  onTestFinished(async () => {
    child.kill();
    await child.ended;
  });
  return { child, seen };
}

const SERVE = 'setInterval(() => {}, 1000); console.log("ready");';

describe('a supervised process', () => {
  it('is ready after its line of output, ends when asked, and is not started again', async () => {
    const { child, seen } = start(`console.error("warming up"); ${SERVE}`);
    await child.firstReady;
    expect(child.isReady()).toBe(true);
    await vi.waitFor(() => expect(child.lastLines().toSorted()).toEqual(['ready', 'warming up']), WAIT);
    child.stop();
    await child.ended;
    expect(child.isReady()).toBe(false);
    expect(seen).toMatchObject({ ready: 1, deaths: [] });
    expect(seen.exits).toEqual(seen.pids);
    expect(seen.pids).toHaveLength(1);
  });

  it('is ready when its address answers 200', async () => {
    const port = await freePort();
    const script = `let asked = 0;
      require('node:http').createServer((q, r) => { r.statusCode = ++asked < 3 ? 503 : 200; r.end(); }).listen(${port})`;
    const { child, seen } = start(script, { ready: { url: `http://127.0.0.1:${port}/health/ready` } });
    await child.firstReady;
    expect(seen.ready).toBe(1);
  });

  it('is restarted with a delay that doubles up to the longest', async () => {
    const { seen } = start('console.log("cannot start"); process.exit(3)');
    await vi.waitFor(() => expect(seen.deaths.length).toBeGreaterThanOrEqual(4), WAIT);
    expect(seen.deaths.slice(0, 4)).toEqual(
      [10, 20, 40, 40].map((restartInMs) => ({
        how: 'exit code 3',
        wasReady: false,
        lastLines: ['cannot start'],
        restartInMs,
      })),
    );
  });

  it('has the first delay again after it has run for a while', async () => {
    const { seen } = start('process.exit(1)', {}, { ...quick, steadyAfterMs: 0 });
    await vi.waitFor(() => expect(seen.deaths.length).toBeGreaterThanOrEqual(3), WAIT);
    expect(seen.deaths.slice(0, 3).map(({ restartInMs }) => restartInMs)).toEqual([10, 10, 10]);
  });

  it('restarts after a kill -9, with another pid', async () => {
    const { child, seen } = start(SERVE);
    await child.firstReady;
    process.kill(seen.pids[0] ?? Number.NaN, 'SIGKILL');
    await vi.waitFor(() => expect(seen.ready).toBe(2), WAIT);
    expect(seen.deaths).toMatchObject([{ how: 'SIGKILL', wasReady: true }]);
    expect(new Set(seen.pids).size).toBe(2);
  });

  it('given a program that cannot be started, then it counts as an exit', async () => {
    const { child, seen } = start('', { file: '/nowhere/program' });
    await vi.waitFor(() => expect(seen.deaths.length).toBeGreaterThanOrEqual(1), WAIT);
    expect(seen.deaths[0]?.lastLines[0]).toContain('ENOENT');
    child.stop();
    await child.ended;
  });

  it.skipIf(process.platform === 'win32')('ends together with its children', async () => {
    const script = `const { spawn } = require('node:child_process');
      console.log(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).pid); ${SERVE}`;
    const { child, seen } = start(script);
    await child.firstReady;
    child.stop();
    await child.ended;
    const grandchild = Number(seen.lines[0]);
    await vi.waitFor(() => expect(processIdentity(grandchild)).toBeUndefined(), WAIT);
  });

  it('can be stopped while it waits for its restart', async () => {
    const { child, seen } = start('process.exit(1)', {}, { ...quick, firstDelayMs: 60_000 });
    await vi.waitFor(() => expect(seen.deaths).toHaveLength(1), WAIT);
    child.stop();
    await child.ended;
    expect(seen.pids).toHaveLength(1);
  });
});

describe('waiting for an address', () => {
  it('continues while it hangs or refuses, and ends with the signal', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const controller = new AbortController();
    const waiting = untilHealthy(`http://127.0.0.1:${port}/`, controller.signal);
    await once(server, 'request');
    controller.abort();
    expect(await waiting).toBe(false);
  });
});
