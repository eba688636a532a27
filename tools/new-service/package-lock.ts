import * as z from 'zod';

const lock = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) });

export function addToLock(text: string, service: string): string {
  const { packages, ...rest } = lock.parse(JSON.parse(text));
  const items = packages['services/items'];
  const added = {
    ...packages,
    [`node_modules/@quartet/${service}`]: { resolved: `services/${service}`, link: true },
    [`services/${service}`]: { ...items, name: `@quartet/${service}` },
  };
  const [root = [], ...others] = Object.entries(added);
  const sorted = others.toSorted(([one], [other]) => one.localeCompare(other, 'en'));
  return `${JSON.stringify({ ...rest, packages: Object.fromEntries([root, ...sorted]) }, null, 2)}\n`;
}
