import type { Replacement } from '../support/replacement.ts';

export const sabotages: ReadonlyMap<string, Replacement> = new Map([
  [
    // A process ends at once, with its requests in flight.
    'no-drain',
    { file: 'libs/common/src/process/lifecycle.ts', find: /await service\?\.stop\(\);/g, replace: '' },
  ],
]);

/** @throws {Error} when there is no such sabotage */
export function sabotageNamed(name: string): Replacement {
  const found = sabotages.get(name);
  if (!found) throw new Error(`there is no sabotage "${name}"`);
  return found;
}
