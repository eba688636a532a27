import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FOREVER, orphan, STUBBORN } from '../../tests/support/orphan.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { endProcesses, isAlive } from './end-processes.ts';
import { processIdentity } from './process-identity.ts';
import { claimState } from './state-file.ts';

const WAIT = { timeout: 10_000 };

describe('the identity of a process', () => {
  it('is constant and unique while it lives', async () => {
    const one = await orphan();
    const other = await orphan();
    expect(one.identity).not.toBe('');
    expect(isAlive(one)).toBe(true);
    expect(isAlive({ ...one, pid: other.pid })).toBe(
      process.platform !== 'linux' && one.identity === other.identity,
    );
    await endProcesses([one], 2000);
    expect(processIdentity(one.pid)).toBeUndefined();
  });
});

describe('ending processes', () => {
  it('spares another process with the same pid', async () => {
    const one = await orphan();
    expect(await endProcesses([{ ...one, identity: 'an earlier one' }], 1000)).toEqual([]);
    expect(isAlive(one)).toBe(true);
  });

  it('kills what does not end when asked', async () => {
    const one = await orphan('services', STUBBORN);
    expect(await endProcesses([one], 400)).toEqual([one]);
    // A killed process disappears when the system schedules it.
    await vi.waitFor(() => expect(isAlive(one)).toBe(false), WAIT);
  });

  it('ends the engines after the services', async () => {
    const script = `process.on('SIGTERM', () => { console.error(performance.timeOrigin + performance.now()); process.exit(); }); ${FOREVER}`;
    const endedAt: Record<string, number> = {};
    const all = await Promise.all(
      (['database', 'services'] as const).map(async (phase) => {
        const child = spawn(process.execPath, ['-e', script], { detached: true });
        onTestFinished(() => void child.kill('SIGKILL'));
        child.stderr.on('data', (data) => {
          endedAt[phase] = Number(data);
        });
        await once(child.stdout, 'data');
        const pid = child.pid ?? Number.NaN;
        return { name: phase, phase, pid, identity: processIdentity(pid) ?? '' };
      }),
    );
    await endProcesses(all, 4000);
    await vi.waitFor(() => expect(Object.keys(endedAt)).toHaveLength(2), WAIT);
    expect(endedAt.services).toBeLessThan(endedAt.database ?? 0);
  });
});

describe('the record of a stack', () => {
  it('excludes a second stack while the first one runs', async () => {
    const file = join(await tempFolder(), 'stack.json');
    const state = await claimState(file);
    await expect(claimState(file)).rejects.toThrow(`already running (pid ${process.pid})`);
    state.release();
    (await claimState(file)).release();
    await expect(access(file)).rejects.toThrow();
  });

  it('lets the next stack end leftovers of a killed launcher, but no other process with a reused pid', async () => {
    const file = join(await tempFolder(), 'stack.json');
    const left = await orphan('database');
    const stranger = await orphan();
    const children = [left, { ...stranger, identity: 'the one that had this pid before' }];
    await writeFile(file, JSON.stringify({ launcher: { pid: process.pid, identity: 'before' }, children }));
    const state = await claimState(file);
    expect(state.leftovers).toEqual([left]);
    expect(isAlive(left)).toBe(false);
    expect(isAlive(stranger)).toBe(true);
    state.release();
  });

  it('names every child that runs', async () => {
    const file = join(await tempFolder(), 'stack.json');
    const state = await claimState(file);
    const child = { name: 'auth', pid: 4711, identity: 'x', phase: 'services' } as const;
    state.add(child);
    const stored = JSON.parse(await readFile(file, 'utf8'));
    expect(stored).toEqual({
      launcher: { pid: process.pid, identity: processIdentity(process.pid) },
      children: [child],
    });
    state.remove(4711);
    expect(JSON.parse(await readFile(file, 'utf8')).children).toEqual([]);
    state.release();
  });

  it.each(['', '{', '[]', '{"launcher":{"pid":-1,"identity":"x"},"children":[]}', '{"launcher":{"pid":1}}'])(
    'that makes no sense is replaced: %s',
    async (content) => {
      const file = join(await tempFolder(), 'stack.json');
      await writeFile(file, content);
      const state = await claimState(file);
      expect(state.leftovers).toEqual([]);
      state.release();
    },
  );

  it('that cannot be written is an error', async () => {
    await expect(claimState(join(await tempFolder(), 'missing', 'stack.json'))).rejects.toThrow('ENOENT');
  });
});
