import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const FILE = JSON.stringify(new URL('./quiet-collection.ts', import.meta.url).href);

/** It works for some seconds; then it only says how many megabytes it holds, most of which are garbage. */
const WORKER = `
const { collectWhenQuiet } = await import(${FILE});
const megabytes = () => process.memoryUsage().heapUsed / 1e6;
collectWhenQuiet();
const before = megabytes();
let made;
const work = () => {
  const end = performance.now() + 2_000;
  while (performance.now() < end) made = Array.from({ length: 400_000 }, (_, n) => ({ n }));
  setInterval(() => console.log(megabytes() - before), 1_000);
  // By then the collections of V8 itself have ended.
  setTimeout(() => (made = undefined), 1_000);
};
setTimeout(work, 1);
`;

test('given a process that has worked, when it becomes quiet, then it gives back what the work left', async () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', WORKER];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const held: number[] = [];
  createInterface(child.stdout).on('line', (line) => held.push(Number(line)));
  await Promise.race([
    once(child, 'exit'),
    expect.poll(() => held.at(-1), { timeout: 45_000 }).toBeLessThan(4),
  ]);
  expect(held[0]).toBeGreaterThan(8);
  expect(child.exitCode).toBeNull();
}, 60_000);
