import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { createPasswords, ownTurn } from './passwords.ts';

test('given more passwords than are hashed at a time, then the others are counted as waiting', async () => {
  const passwords = await createPasswords(4);
  expect(passwords.waiting()).toBe(0);
  const hashing = Array.from({ length: 10 }, (_, n) => passwords.hash(`password ${n}`, ownTurn));
  expect(passwords.waiting()).toBe(10 - Math.min(availableParallelism(), 3));
  await Promise.all(hashing);
  expect(passwords.waiting()).toBe(0);
});
