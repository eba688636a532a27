import type { BrokerUser } from '../broker-users/permissions.ts';

/** Settings that a service may have to itself, where the servers are configured ones. */
const OWN = ['NATS_URL', 'MONGODB_URL'];
const OF_ANY_SERVICE = new RegExp(`^(${OWN.join('|')})_`);

/** Secrets, and addresses that may hold one, by the services that read them. Nobody else is given them. */
const READERS: Record<string, readonly BrokerUser[]> = {
  SECRET_KEY: ['auth'],
  SECRET_KEY_PREVIOUS: ['auth'],
  FIRST_SUPERUSER_PASSWORD: ['auth'],
  SMTP_PASSWORD: ['notifier'],
  DOCUMENTDB_PASSWORD: ['auth', 'items', 'notifier'],
  MONGODB_URL: ['auth', 'items', 'notifier'],
};

/** Takes away the secrets that are not the service's: whoever takes over items must not find what signs tokens. */
export function withoutOthersSecrets(service: BrokerUser, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isForeign = (name: string) => Object.hasOwn(READERS, name) && !READERS[name]?.includes(service);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isForeign(name)));
}

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
