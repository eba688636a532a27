import { describe, expect, it } from 'vitest';
import { explain, pipCommands } from './pip.ts';
import { platformOf } from './platform.ts';
import { brokerWheels, databaseWheels } from './wheels.ts';

describe('platforms', () => {
  it.each([
    [{ platform: 'linux', arch: 'x64', glibc: '2.36' }, 'linux-x64-glibc'],
    [{ platform: 'linux', arch: 'arm64', glibc: '2.28' }, 'linux-arm64-glibc'],
    [{ platform: 'linux', arch: 'x64', glibc: '2.17' }, 'linux-x64-glibc-2.17'],
    [{ platform: 'linux', arch: 'x64' }, 'linux-x64-musl'],
    [{ platform: 'darwin', arch: 'arm64' }, 'darwin-arm64'],
    [{ platform: 'win32', arch: 'x64' }, 'win32-x64'],
  ] as const)('%j is %s', (host, name) => {
    expect(platformOf(host)).toBe(name);
  });

  it('each have a pinned file', () => {
    for (const wheel of [...Object.values(databaseWheels.wheels), ...Object.values(brokerWheels.wheels)]) {
      expect(wheel?.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(wheel?.folders.some((start) => wheel.program.startsWith(start))).toBe(true);
    }
  });
});

describe('the output of pip', () => {
  it.each([
    [
      { code: null, output: '', error: 'ENOENT' },
      { reason: 'not found', final: false },
    ],
    [
      { code: 1, output: '/usr/bin/python3: No module named pip' },
      { reason: 'this Python has no pip', final: false },
    ],
    [
      { code: 2, output: 'no such option' },
      { reason: 'no such option', final: false },
    ],
    [
      { code: 7, output: '' },
      { reason: 'exit code 7', final: false },
    ],
    [
      { code: 1, output: 'WARNING: Retrying (Retry(total=4...\nERROR: No matching distribution found for x' },
      {
        reason: 'its package index is not reachable (ERROR: No matching distribution found for x)',
        final: true,
      },
    ],
  ])('%j is understood', (result, understood) => {
    expect(explain(result)).toEqual(understood);
  });

  it('comes from the launcher first on Windows', () => {
    expect(pipCommands('win32')[0]).toEqual(['py', '-m', 'pip']);
    expect(pipCommands('linux')[0]).toEqual(['python3', '-m', 'pip']);
  });
});
