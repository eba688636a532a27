import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { createPasswords, ownTurn } from './passwords.ts';
import { workerThreads } from './yielding-threads.ts';

test.runIf(process.platform === 'linux')(
  'given passwords are hashed, then the hashing threads have a lower priority than the main thread',
  async () => {
    const passwords = await createPasswords(4);
    await passwords.hash('password', ownTurn);
    const threads = workerThreads();
    expect(threads.length).toBeGreaterThan(0);
    expect(threads.map(getPriority)).toEqual(threads.map(() => 5));
    expect(getPriority(process.pid)).toBeLessThan(5);
  },
);
