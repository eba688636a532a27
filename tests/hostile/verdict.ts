import { memoryLimitsMb } from './observing/memory-limits.ts';
import type { Observed } from './observing/observe.ts';
import { type Operation, operations } from './observing/victims.ts';

export type Row = {
  name: string;
  idle: Observed;
  meanwhile: Observed;
  after: Observed;
  /** It is undefined when the stack never recovered. */
  backAfterSeconds: number | undefined;
  tries: number;
  sent: number;
  heard: Record<string, number>;
};

/** Requests may take so many times as long as without an attack, or `UNNOTICED_MS`. */
const MOST_TIMES = 5;
/** In milliseconds: attacker and services share the cores, where 5 ms become 30 when two are busy. */
export const UNNOTICED_MS: Record<Operation, number> = { me: 250, item: 250, post: 500, login: 1_500 };
/** Afterwards, memory may have grown by this factor, or by `MORE_AFTER_MB`. */
const MORE_AFTER = 1.2;
/** V8 keeps memory: normal work makes 150 MB 195 to 339 MB (docs/operations/scaling.md). */
const MORE_AFTER_MB = 64;
/** A pod counts as not ready after that (deploy/kubernetes/base/rolling.yaml). */
const READY_WITHIN_MS = 3_000;

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
