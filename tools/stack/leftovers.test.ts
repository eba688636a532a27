import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../engines/index.ts';
import type { KnownProcess } from './end-processes.ts';
import { endProcesses, isAlive, signalGroup } from './end-processes.ts';
import { guard } from './guard.ts';
import { startGuardian } from './guardian-client.ts';
import { requireFreePorts } from './port-check.ts';
import { processIdentity } from './process-identity.ts';
import type { Phase } from './process-spec.ts';
import { claimState } from './state-file.ts';
import { tempFolder } from './test-support.ts';

const FOREVER = 'setInterval(() => {}, 1000); console.log("up");';
const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER}`;

/** A process of our own that stands for a child whose launcher has died. */
async function orphan(phase: Phase = 'services', script = FOREVER): Promise<KnownProcess> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid ?? Number.NaN;
  onTestFinished(() => void signalGroup(pid, 'SIGKILL'));
  await once(child.stdout, 'data');
  return { name: phase, pid, identity: processIdentity(pid) ?? '', phase };
}

describe('the identity of a process', () => {
  it('is its own as long as it lives', async () => {
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
  it('spares a process that merely has the same pid', async () => {
    const one = await orphan();
    expect(await endProcesses([{ ...one, identity: 'an earlier one' }], 1000)).toEqual([]);
    expect(isAlive(one)).toBe(true);
  });

  it('kills what does not end when asked', async () => {
    const one = await orphan('services', STUBBORN);
    expect(await endProcesses([one], 400)).toEqual([one]);
    expect(isAlive(one)).toBe(false);
  });

  it('ends the engines after those that write to them', async () => {
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
    await vi.waitFor(() => expect(Object.keys(endedAt)).toHaveLength(2));
    expect(endedAt.services).toBeLessThan(endedAt.database ?? 0);
  });
});

describe('the record of a stack', () => {
  it('keeps a second stack out while the first one lives', async () => {
    const file = join(await tempFolder(), 'stack.json');
    const state = await claimState(file);
    await expect(claimState(file)).rejects.toThrow(`already running (pid ${process.pid})`);
    state.release();
    (await claimState(file)).release();
    await expect(access(file)).rejects.toThrow();
  });

  it('lets the next one end what a killed launcher left, but no stranger with a reused pid', async () => {
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

describe('a guardian', () => {
  const line = (message: unknown) => `${JSON.stringify(message)}\n`;

  it('ends what it watches when the channel closes without a goodbye', async () => {
    const [watched, forgotten] = [await orphan(), await orphan()];
    const channel = new PassThrough();
    const guarding = guard(channel, 2000);
    channel.write(line({ watch: watched }) + line({ watch: forgotten }) + line({ watch: 'nonsense' }));
    channel.end(line({ forget: forgotten.pid }));
    expect(await guarding).toEqual([watched]);
    expect(isAlive(watched)).toBe(false);
    expect(isAlive(forgotten)).toBe(true);
  });

  it('ends nothing after a goodbye', async () => {
    const watched = await orphan();
    const channel = new PassThrough();
    channel.end(line({ watch: watched }) + line({ goodbye: true }));
    expect(await guard(channel, 2000)).toEqual([]);
    expect(isAlive(watched)).toBe(true);
  });

  it('is a process that leaves when the launcher says goodbye', async () => {
    const guardian = startGuardian();
    const pid = guardian.pid() ?? Number.NaN;
    const watched = await orphan();
    guardian.watch(watched);
    guardian.forget(watched.pid);
    guardian.watch(watched);
    await guardian.goodbye();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(isAlive(watched)).toBe(true);
    await guardian.goodbye();
  });

  it('is replaced when it dies, and the new one knows all that the old one knew', async () => {
    const guardian = startGuardian();
    onTestFinished(() => guardian.goodbye());
    const first = guardian.pid() ?? Number.NaN;
    guardian.watch(await orphan());
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(guardian.pid()).not.toBe(first), { timeout: 10_000 });
    await guardian.goodbye();
  });

  it('ends what its launcher had running after a kill -9 of it', async () => {
    const watched = await orphan();
    const module = join(import.meta.dirname, 'guardian-client.ts');
    const script = `const { startGuardian } = await import(${JSON.stringify(module)});
      startGuardian().watch(${JSON.stringify(watched)});
      ${FOREVER}`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script]);
    onTestFinished(() => void launcher.kill('SIGKILL'));
    await once(launcher.stdout, 'data');
    launcher.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(watched)).toBe(false), { timeout: 15_000 });
  });
});

describe('a port in use', () => {
  it('is named with what wanted it and who has it', async () => {
    const [taken, free] = [await freePort(), await freePort()];
    const server = createServer().listen(taken, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const ports = [
      { port: taken, wantedBy: 'auth' },
      { port: free, wantedBy: 'items' },
    ];
    const error = await requireFreePorts(ports, '127.0.0.1').catch((e) => e);
    expect(error.name).toBe('StackError');
    const [first, ...rest] = error.message.split('\n');
    expect(first).toContain(`port ${taken}, wanted by auth, is in use`);
    if (process.platform === 'linux') {
      expect(first).toMatch(new RegExp(` by \\S+ \\(pid ${process.pid}\\)$`));
    }
    expect(rest).toEqual([expect.stringContaining('npm start -- --port')]);
  });

  it('is no trouble when it is free', async () => {
    await requireFreePorts([{ port: await freePort(), wantedBy: 'auth' }], '127.0.0.1');
  });

  it('is told from an address that this machine does not have', async () => {
    const ports = [{ port: await freePort(), wantedBy: 'auth' }];
    await expect(requireFreePorts(ports, '192.0.2.1')).rejects.toThrow(
      'wanted by auth, cannot be used on 192.0.2.1: EADDRNOTAVAIL',
    );
  });
});
