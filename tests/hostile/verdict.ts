import { memoryLimitsMb } from './observing/memory-limits.ts';
import type { Observed } from './observing/observe.ts';
import { type Operation, operations } from './observing/victims.ts';

/** A row of the table: one attack, what others saw before, during and after it. */
export type Row = {
  name: string;
  idle: Observed;
  meanwhile: Observed;
  /** The last look at how it was afterwards. */
  after: Observed;
  /** So long after the attack all was as before; undefined when it never was. */
  backAfterSeconds: number | undefined;
  /** How often it was tried, this being the last time. */
  tries: number;
  sent: number;
  heard: Record<string, number>;
};

/** Others may wait so many times as long as without an attack, */
const MOST_TIMES = 5;
/**
 * or so long, in milliseconds, if that is more: attacker and attacked share the cores here, and what takes 5 ms on an idle
 * core takes 30 when two are busy with whatever it is.
 */
export const UNNOTICED_MS: Record<Operation, number> = { me: 250, item: 250, post: 500, login: 1_500 };
/** Afterwards memory is as it was, and so much, */
const MORE_AFTER = 1.2;
/**
 * or so many megabytes if that is more: V8 keeps what it has needed once, and honest work makes a process of 150 MB one of 195
 * to 339 (docs/operations/scaling.md).
 */
const MORE_AFTER_MB = 64;
/** After that a pod is taken for not ready (deploy/kubernetes/base/rolling.yaml). */
const READY_WITHIN_MS = 3_000;

/** The violations, in words. */
export function faultsOf(row: Row): string[] {
  const { idle, meanwhile, after, backAfterSeconds, sent } = row;
  return [
    ...(sent === 0 ? ['the attacker sent nothing'] : []),
    ...slowness(idle, meanwhile).map((words) => `meanwhile ${words}`),
    ...[...meanwhile.peakMemory].flatMap(([name, mb]) => {
      const limit = memoryLimitsMb.get(name) ?? Number.POSITIVE_INFINITY;
      return mb > limit ? [`${name} held ${Math.round(mb)} of ${limit} MB`] : [];
    }),
    ...(meanwhile.longestHealthMs > READY_WITHIN_MS
      ? [`a health check waited ${Math.round(meanwhile.longestHealthMs)} ms`]
      : []),
    ...(backAfterSeconds === undefined ? differences(idle, after).map((words) => `afterwards ${words}`) : []),
  ];
}

/** What is not as before the attack, in words. */
export function differences(idle: Observed, after: Observed): string[] {
  const more = [...after.usualMemory].flatMap(([name, mb]) => {
    const before = idle.usualMemory.get(name) ?? 0;
    const isMore = mb > Math.max(before * MORE_AFTER, before + MORE_AFTER_MB);
    return isMore ? [`${name} held ${Math.round(mb)} MB, before ${Math.round(before)}`] : [];
  });
  return [...slowness(idle, after), ...more];
}

function slowness(idle: Observed, then: Observed): string[] {
  return operations.flatMap((operation) => {
    const { p99, failed } = then.times[operation];
    const most = Math.max(MOST_TIMES * idle.times[operation].p99, UNNOTICED_MS[operation]);
    const slow = p99 > most ? [`${operation} took ${Math.round(p99)} ms, more than ${Math.round(most)}`] : [];
    const wrong = failed.length > 0 ? [`${operation} failed ${failed.length} times: ${namesOf(failed)}`] : [];
    return [...slow, ...wrong];
  });
}

const namesOf = (failed: readonly string[]): string => [...new Set(failed)].toSorted().join(', ');
