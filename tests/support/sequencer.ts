import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONG_MS = 45_000;

/**
 * Long files start first, so that none of them runs alone at the end. A file is long when it grants a test much time: that
 * is known in a fresh clone too. The tests of the whole system, each of which starts many processes, are spread over the
 * rest, so that seldom two of them run at the same time.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specs);
    const of = (isWanted: (spec: TestSpecification) => boolean) => sorted.filter(isWanted);
    const isSystem = ({ project }: TestSpecification) => project.name === 'system';
    const isUnit = ({ project }: TestSpecification) => project.name === 'unit';
    const isLong = ({ moduleId }: TestSpecification) => longestGrantedMs(moduleId) >= LONG_MS;
    const long = of((spec) => !isSystem(spec) && isLong(spec));
    const others = of((spec) => !isSystem(spec) && !isUnit(spec) && !isLong(spec));
    return [...spread(of(isSystem), [...long, ...others]), ...of((spec) => isUnit(spec) && !isLong(spec))];
  }
}

/** The longest time that a test file grants to one of its tests or conditions. */
export function longestGrantedMs(file: string): number {
  const granted = readFileSync(file, 'utf8').matchAll(/[tT]imeout: ([\d_]+)/g);
  return Math.max(0, ...[...granted].map(([, ms = '']) => Number(ms.replaceAll('_', ''))));
}

/** Puts some files between others: evenly among the first two thirds, since what comes last should be short. */
export function spread<T>(some: readonly T[], others: readonly T[]): T[] {
  const every = Math.max(1, Math.floor((others.length * 2) / 3 / Math.max(1, some.length)));
  const result = some.flatMap((each, at) => [each, ...others.slice(at * every, (at + 1) * every)]);
  return [...result, ...others.slice(some.length * every)];
}
