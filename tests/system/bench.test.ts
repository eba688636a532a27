import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { applicationNames, subjectNames } from '../../bench/routes/names.ts';

const ROOT = join(import.meta.dirname, '../..');
/** It takes 20 s on a quiet machine, and longer on a busy one. */
const WITHIN_MS = 240_000;

const milliseconds = z.number().nonnegative();
const round = z.object({ requests: z.number().positive(), cpu: z.record(z.string(), milliseconds) });
const measured = z.object({
  routes: z.array(z.object({ route: z.string(), subject: z.string(), rounds: z.array(round).length(1) })),
  goals: z.array(z.object({ value: z.number().positive(), isReached: z.boolean() })),
});

// The benchmark reads /proc.
test.runIf(process.platform === 'linux')(
  'given a short run of one route, then every subject answers and goals are judged',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quartet-bench-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'measured.json');
    const options = '--quick --seconds 1 --rounds 1 --routes item --json'.split(' ');
    const run = promisify(execFile)(process.execPath, ['bench/main.ts', ...options, file], { cwd: ROOT });
    const { stdout } = await run;
    const { routes, goals } = measured.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(routes.map(({ route, subject }) => `${route} ${subject}`)).toEqual(
      subjectNames
        .filter((name) => !applicationNames.some((application) => application === name))
        .map((name) => `item ${name}`),
    );
    const [throughGateway] = routes;
    const cpu = throughGateway?.rounds[0]?.cpu ?? {};
    expect(Object.keys(cpu)).toEqual(
      expect.arrayContaining(['launcher', 'database', 'broker', 'gateway', 'items']),
    );
    expect(cpu.gateway).toBeGreaterThan(0);
    expect(cpu.items).toBeGreaterThan(0);
    expect(goals).toHaveLength(2);
    expect(stdout).toMatch(/GET item: the gateway, in multiples of the bare proxy .* (not )?reached/);
  },
  WITHIN_MS,
);
