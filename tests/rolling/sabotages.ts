import { faultKinds } from '../crash/checks/faults.ts';
import type { Replacement } from '../support/replacement.ts';
import { REQUESTS_FAILED } from './result.ts';

export type Sabotage = Replacement & {
  name: string;
  /** A restart of this service is enough; otherwise all are restarted, until a request fails. */
  service?: string;
  /** The check that must find it. */
  noticedBy: string;
};

const all: readonly Sabotage[] = [
  {
    // A process ends at once, with its requests in flight.
    name: 'no-drain',
    noticedBy: REQUESTS_FAILED,
    file: 'libs/common/src/process/lifecycle.ts',
    find: /await service\?\.stop\(\);/g,
    replace: '',
  },
  {
    // A stream always begins with what is new.
    name: 'forget-what-readers-missed',
    service: 'gateway',
    noticedBy: faultKinds['live-missing'],
    file: 'services/gateway/src/live/resume.ts',
    find: /if \(lastEventId === undefined\) return/g,
    replace: 'if (lastEventId !== null) return',
  },
];

export const sabotages: ReadonlyMap<string, Sabotage> = new Map(all.map((one) => [one.name, one]));

/** @throws {Error} when there is no such sabotage */
export function sabotageNamed(name: string): Sabotage {
  const found = sabotages.get(name);
  if (!found) throw new Error(`there is no sabotage "${name}"`);
  return found;
}
