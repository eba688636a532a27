import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLongTest } from './unit-tests.ts';

/** Long files start first, system tests are spread so that few overlap, and unit tests come last. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specs);
    const of = (isWanted: (spec: TestSpecification) => boolean) => sorted.filter(isWanted);
    const isSystem = ({ project }: TestSpecification) => project.name === 'system';
    const isUnit = ({ project }: TestSpecification) => project.name === 'unit';
    const isLong = ({ moduleId }: TestSpecification) => isLongTest(moduleId);
    const long = of((spec) => !isSystem(spec) && isLong(spec));
    const others = of((spec) => !isSystem(spec) && !isUnit(spec) && !isLong(spec));
    return [...spread(of(isSystem), [...long, ...others]), ...of(isUnit)];
  }
}

/** Spreads `some` over the first two thirds, because the last files should be short. */
export function spread<T>(some: readonly T[], others: readonly T[]): T[] {
  const every = Math.max(1, Math.floor((others.length * 2) / 3 / Math.max(1, some.length)));
  const result = some.flatMap((each, at) => [each, ...others.slice(at * every, (at + 1) * every)]);
  return [...result, ...others.slice(some.length * every)];
}
