import { expect, test } from 'vitest';
import { type DataLossPlan, losses } from './data-loss.ts';
import { createRandom } from './random.ts';
import { planFaults } from './schedule.ts';

const TARGETS = ['auth', 'items', 'notifier', 'broker'];
const PLAN = { losses, percent: 20 };

test('given the same seed, then the faults are the same; given another, they are not', () => {
  const plan = (seed: number) => planFaults(createRandom(seed), TARGETS, 50, PLAN);
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test.each([1, 2, 25, 300])('given %i kills, then so many processes are killed', (kills) => {
  const planned = planFaults(createRandom(kills), TARGETS, kills, PLAN).filter(({ kind }) => kind === 'kill');
  expect(planned.flatMap(({ targets }) => targets)).toHaveLength(kills);
});

test('given several processes, then each gets faults, pairs differ, and freezes come in between', () => {
  const planned = planFaults(createRandom(1), TARGETS, 100, PLAN);
  const killed = planned.filter(({ kind }) => kind === 'kill').flatMap(({ targets }) => targets);
  for (const target of TARGETS) {
    expect(killed.filter((name) => name === target).length).toBeGreaterThanOrEqual(15);
  }
  const pairs = planned.filter(({ targets }) => targets.length === 2);
  expect(pairs.length).toBeGreaterThan(10);
  expect(pairs.every(({ targets: [first, second] }) => first !== second)).toBe(true);
  expect(planned.some(({ kind }) => kind === 'freeze')).toBe(true);
});

test('given some losses, then each of them is planned, and no other', () => {
  const lost = (plan: DataLossPlan) =>
    planFaults(createRandom(1), TARGETS, 100, plan).flatMap((fault) =>
      fault.kind === 'erase' ? fault.what : [],
    );
  expect(new Set(lost(PLAN))).toEqual(new Set(losses));
  expect(lost(PLAN).length).toBeGreaterThan(10);
  expect(new Set(lost({ losses: ['ROUTES'], percent: 20 }))).toEqual(new Set(['ROUTES']));
});

test('given one process only and no losses, then there are no pairs and no faults of other processes', () => {
  const planned = planFaults(createRandom(1), ['auth'], 10, { losses: [], percent: 90 });
  expect(planned.every(({ targets }) => targets.join() === 'auth')).toBe(true);
});
