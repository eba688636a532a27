import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Desk, startDesk } from '../../../../tests/support/collector.ts';
import type { TelemetrySettings } from './settings.ts';

const SCRIPT = join(import.meta.dirname, '../../test/tiny-service.ts');
/** Tells of every module that a process loads. */
const WATCH_LOADS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });
`)}`;
const traces = { sampler: 'always_on', ratio: 1, everyMs: 100 } as const;
const children: ChildProcess[] = [];
const desks: Desk[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const desk of desks.splice(0)) await desk.stop();
});

async function openDesk(...answer: Parameters<typeof startDesk>): Promise<Desk> {
  const desk = await startDesk(...answer);
  desks.push(desk);
  return desk;
}

const dsnOf = ({ url }: Desk) => `${url.replace('://', '://publickey@')}/7`;
const reportsTo = (desk: Desk) => ({
  reports: { dsn: dsnOf(desk), release: undefined, environment: 'staging' },
});

function run(mode: string, telemetry: TelemetrySettings) {
  const args = ['--import', WATCH_LOADS, SCRIPT, mode, JSON.stringify(telemetry)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  let loaded = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    loaded += text;
  });
  return {
    ended: once(child, 'close').then(([code]) => code as number | null),
    said: (text: string) => expect.poll(() => output).toContain(text),
    port: () => Number(/"port":(\d+)/.exec(output)?.[1]),
    loaded: (name: string) => loaded.includes(`/node_modules/${name}/`),
  };
}

test('given neither endpoint nor DSN, then neither library is loaded', async () => {
  const { said, loaded } = run('normal', {});
  await said('"ready"');
  expect(loaded('pino')).toBe(true);
  expect(loaded('@opentelemetry/sdk-trace')).toBe(false);
  expect(loaded('@opentelemetry/exporter-trace-otlp-http')).toBe(false);
  expect(loaded('@sentry/core')).toBe(false);
});

test('given an endpoint, then only tracing is loaded', async () => {
  const { said, loaded } = run('normal', { traces });
  await said('"ready"');
  expect(loaded('@opentelemetry/sdk-trace')).toBe(true);
  expect(loaded('@sentry/core')).toBe(false);
});

test('given an unhandled rejection, then it is reported as fatal before the process ends', async () => {
  const sentry = await openDesk();
  const { said, ended, port, loaded } = run('normal', reportsTo(sentry));
  await said('"ready"');
  expect(loaded('@opentelemetry/sdk-trace')).toBe(false);
  void fetch(`http://127.0.0.1:${port()}/crash`).catch(() => undefined);
  expect(await ended).toBe(1);
  expect(sentry.received).toHaveLength(1);
  expect(sentry.received[0]?.body).toContain('"level":"fatal"');
  expect(sentry.received[0]?.body).toContain('nobody caught me');
});

test('given a start that fails, then it is reported', async () => {
  const sentry = await openDesk();
  expect(await run('unstartable', reportsTo(sentry)).ended).toBe(1);
  expect(sentry.received[0]?.body).toContain('no luck');
});

test('given a Sentry that never answers, then a process with a fatal error still ends', async () => {
  const silent = await openDesk(() => undefined);
  const startedAt = performance.now();
  expect(await run('unstartable', reportsTo(silent)).ended).toBe(1);
  expect(silent.received).toHaveLength(1);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
