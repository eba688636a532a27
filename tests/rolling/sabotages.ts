import type { Replacement } from '../support/replacement.ts';

/** Each of these must make a run fail, by name. */
export const sabotages: ReadonlyMap<string, Replacement> = new Map([
  [
    // A process ends at once, with its requests in flight.
    'no-drain',
    { file: 'libs/common/src/process/lifecycle.ts', find: /await service\?\.stop\(\);/g, replace: '' },
  ],
]);

/** @throws for a name that is none */
export function sabotageNamed(name: string): Replacement {
  const found = sabotages.get(name);
  if (!found) throw new Error(`there is no sabotage "${name}"`);
  return found;
}
