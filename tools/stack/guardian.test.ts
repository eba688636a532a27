import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FOREVER, orphan } from '../../tests/support/orphan.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { isAlive } from './end-processes.ts';
import { guard, startGuardian } from './guard.ts';
import { claimState } from './state-file.ts';

const recordFile = async () => join(await tempFolder(), 'stack.json');

describe('given a guardian and the record of its launcher', () => {
  it('when the channel closes without a goodbye, then the recorded processes are ended', async () => {
    const [watched, forgotten] = [await orphan(), await orphan()];
    const state = await claimState(await recordFile());
    const channel = new PassThrough();
    const guarding = guard(channel, state, 2000);
    for (const one of [watched, forgotten]) state.add(one);
    state.remove(forgotten.pid);
    channel.end();
    expect(await guarding).toEqual([watched]);
    expect(isAlive(watched)).toBe(false);
    expect(isAlive(forgotten)).toBe(true);
  });

  it('when the launcher said goodbye, then nothing is ended', async () => {
    const watched = await orphan();
    const state = await claimState(await recordFile());
    state.add(watched);
    const channel = new PassThrough();
    channel.end('goodbye');
    expect(await guard(channel, state, 2000)).toEqual([]);
    expect(isAlive(watched)).toBe(true);
  });

  it('when the record is invalid, or belongs to another launcher, then nothing is ended', async () => {
    const watched = await orphan();
    const children = [watched];
    const ended = async (record: object) => {
      const file = await recordFile();
      await writeFile(file, JSON.stringify(record));
      const channel = new PassThrough();
      channel.end();
      return guard(channel, { file, launcher: 'earlier' }, 2000);
    };
    expect(await ended({ launcher: { identity: 'earlier' }, children })).toEqual([]);
    expect(await ended({ launcher: { pid: 4711, identity: 'later' }, children })).toEqual([]);
    expect(await ended({ launcher: { pid: 4711, identity: 'earlier' }, children })).toEqual([watched]);
  });

  it('when the launcher says goodbye, then the guardian’s process ends, and no other', async () => {
    const state = await claimState(await recordFile());
    const guardian = startGuardian(state);
    const pid = guardian.pid() ?? Number.NaN;
    const watched = await orphan();
    state.add(watched);
    await guardian.goodbye();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(isAlive(watched)).toBe(true);
    await guardian.goodbye();
  });

  it('when the guardian dies, then another one is started', async () => {
    const guardian = startGuardian(await claimState(await recordFile()));
    onTestFinished(() => guardian.goodbye());
    const first = guardian.pid() ?? Number.NaN;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(guardian.pid()).not.toBe(first), { timeout: 10_000 });
    await guardian.goodbye();
  });

  it('when its launcher is ended by kill -9, then the processes of the launcher are ended', async () => {
    const watched = await orphan();
    const [guardModule, stateModule] = ['guard.ts', 'state-file.ts'].map((name) =>
      JSON.stringify(join(import.meta.dirname, name)),
    );
    const script = `const { startGuardian } = await import(${guardModule});
      const { claimState } = await import(${stateModule});
      const state = await claimState(${JSON.stringify(await recordFile())});
      state.add(${JSON.stringify(watched)});
      startGuardian(state);
      ${FOREVER}`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script]);
    onTestFinished(() => void launcher.kill('SIGKILL'));
    await once(launcher.stdout, 'data');
    launcher.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(watched)).toBe(false), { timeout: 15_000 });
  });
});
