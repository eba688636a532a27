import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FOREVER, orphan } from '../../tests/support/orphan.ts';
import { isAlive } from './end-processes.ts';
import { guard } from './guard.ts';
import { startGuardian } from './guardian-client.ts';

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
