import type { BrokerUser } from '@quartet/common/events/permissions.ts';

/** Settings that a service may have to itself, where the servers are configured ones. */
const OWN = ['NATS_URL', 'MONGODB_URL'];
const OF_ANY_SERVICE = new RegExp(`^(${OWN.join('|')})_`);

/**
 * What of the settings a service may know: NATS_URL_ITEMS in place of NATS_URL for items, MONGODB_URL_ITEMS in place of
 * MONGODB_URL, and no other service's.
 */
export function settingsFor(service: BrokerUser, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shared = Object.entries(env).filter(([name]) => !OF_ANY_SERVICE.test(name));
  const settings: NodeJS.ProcessEnv = Object.fromEntries(shared);
  for (const name of OWN) {
    const value = env[`${name}_${service.toUpperCase()}`];
    if (value === undefined) continue;
    settings[name] = value;
    // Those would win over the user in the address.
    if (name === 'NATS_URL') Object.assign(settings, { NATS_USER: '', NATS_PASSWORD: '' });
  }
  return settings;
}
