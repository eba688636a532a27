import { expect, test } from 'vitest';
import type { RouteName, SubjectName } from '../routes/names.ts';
import { mediansOf, timesOf } from './costs.ts';
import { goalsOf } from './goals.ts';
import type { Conditions, Measured, Memory, Round, RouteRounds } from './measured.ts';

const conditions: Conditions = {
  ...{ commit: 'abc1234', date: '2026-11-26', machine: '2 cores', node: 'v24.0.0' },
  ...{ isQuick: false, seconds: 3, beside: [] },
};

const round = (cpu: Round['cpu']): Round => ({ ...{ requests: 100, rate: 100, p50: 1, p99: 2 }, cpu });

const rounds = (route: RouteName, subject: SubjectName, ...cpus: Round['cpu'][]): RouteRounds => ({
  ...{ route, subject },
  rounds: cpus.map(round),
});

const stackCpu = (gateway: number, items: number, launcher: number) => ({
  ...{ gateway, items, launcher, auth: 9, notifier: 9, database: 9, broker: 9 },
});

const verdicts = (measured: Omit<Measured, 'conditions'>) =>
  goalsOf({ conditions, ...measured }).map(({ value, limit, isReached }) => [value, limit, isReached]);

test('given rounds, then the gateway, its service and the launcher count, and no database', () => {
  const measured = rounds('item', 'gateway', stackCpu(0.25, 0.5, 0.125));
  expect(mediansOf(measured)).toMatchObject({ hop: 0.25, server: 0.5, launcher: 0.125, application: 0.875 });
  expect(mediansOf({ ...measured, route: 'me' })).toMatchObject({ server: 9 });
});

test('given two subjects, then the ratio is the median over neighbouring rounds', () => {
  const measured = [
    rounds('item', 'gateway', { gateway: 1, items: 1 }, { gateway: 4, items: 4 }, { gateway: 3, items: 9 }),
    // The machine was slower in the second round, which must not matter.
    rounds('item', 'proxy', { proxy: 1, driver: 1 }, { proxy: 2, driver: 2 }, { proxy: 1, driver: 1 }),
  ];
  expect(timesOf(measured, 'item', ['gateway', 'proxy'])).toBe(2);
  expect(timesOf(measured, 'item', ['gateway', 'proxy'], 'hop')).toBe(2);
  expect(timesOf(measured, 'item', ['gateway', 'express'])).toBeUndefined();
  expect(timesOf(measured, 'me', ['gateway', 'proxy'])).toBeUndefined();
});

test('given an even number of rounds, then their median is between the two in the middle', () => {
  const measured = [
    rounds('item', 'gateway', { gateway: 2 }, { gateway: 4 }),
    rounds('item', 'proxy', { proxy: 1 }, { proxy: 1 }),
  ];
  expect(timesOf(measured, 'item', ['gateway', 'proxy'])).toBe(3);
});

test.each([
  [0.25, [1.25, 1.3, true], [1, 1.3, true]],
  [0.375, [1.5, 1.3, false], [1.5, 1.3, false]],
])('given an item for which the gateway takes %d, then goal and hop are judged', (gateway, whole, hop) => {
  const routes = [
    rounds('item', 'gateway', stackCpu(gateway, 0.25, 0.125)),
    rounds('item', 'proxy', { proxy: 0.25, driver: 0.25 }),
  ];
  expect(verdicts({ routes })).toEqual([whole, hop]);
});

test('given each kind of route, then each has its own limit and a login none', () => {
  const names: RouteName[] = ['me', 'list-10', 'list-100', 'post', 'put', 'login'];
  const routes = names.flatMap((name) => [
    rounds(name, 'gateway', { gateway: 1 }),
    rounds(name, 'proxy', { proxy: 1 }),
  ]);
  expect(verdicts({ routes }).map(([, limit]) => limit)).toEqual([1.3, 1.4, 1.4, 2, 2]);
});

test('given the template with its workers, then goals apply without its database', () => {
  const names: RouteName[] = ['me', 'item', 'list-10', 'list-100', 'post', 'put', 'login'];
  const routes = names.flatMap((name) => [
    rounds(name, 'gateway', { gateway: 1, database: 9 }),
    rounds(name, 'template', { template: 6, database: 9 }),
    rounds(name, 'pocketbase', { pocketbase: 2 }),
  ]);
  const reached = [true, false, true, true, true, true];
  const limits = [1 / 5, 1 / 8, 1 / 5, 1 / 5, 1 / 6, 1 / 6];
  expect(verdicts({ routes })).toEqual(limits.map((limit, at) => [1 / 6, limit, reached[at]]));
});

test('given memory, then the four services count and nothing else', () => {
  const services = (each: number): Memory => ({
    ...{ gateway: each, auth: each, items: each, notifier: each, database: 1_000, broker: 1_000 },
  });
  const looks = { atRest: services(70), afterLoad: services(88), later: services(84), laterSeconds: 60 };
  expect(verdicts({ memory: looks })).toEqual([
    [280, 280, true],
    [352, 350, false],
    [1.2, 1.2, true],
  ]);
});

test('given times, then the goal applies to the median or to 95 percent', () => {
  const mostly = (usual: number, rare: number, count: number) =>
    Array.from({ length: 100 }, (_, n) => (n < count ? rare : usual));
  const waiting = {
    ...{ answerToEvent: mostly(2, 100, 40), answerToEmail: mostly(40, 100, 60), eventToEmail: [50] },
    ...{ logins: [210, 220, 300], hashes: [200, 200, 200] },
    ...{ readiness: mostly(5, 100, 4), healthChecks: mostly(5, 100, 6) },
  };
  expect(verdicts({ waiting })).toEqual([
    [2, 3, true],
    [100, 50, false],
    [50, 50, true],
    [1.1, 1.1, true],
    [5, 50, true],
    [100, 50, false],
  ]);
});

test('given no part, then there is no goal', () => {
  expect(verdicts({})).toEqual([]);
});
