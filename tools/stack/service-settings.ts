import { settingName } from '@quartet/common/service/description.ts';
import { secretsOf } from '@quartet/common/service/settings.ts';
import {
  type DataServiceName,
  dataServiceNames,
  type ServiceName,
  serviceNames,
  services,
} from '../../services/services.ts';

/** Settings that a service may have to itself, where the servers are configured ones. */
const OWN = ['NATS_URL', 'MONGODB_URL'];
const OF_ANY_SERVICE = new RegExp(`^(${OWN.join('|')})_`);

/** The secrets that a service reads, and the address that may hold one. */
const readBy = (service: ServiceName): Set<string> =>
  new Set([...secretsOf(services[service]), ...(isDataService(service) ? ['MONGODB_URL'] : [])]);

const isDataService = (service: ServiceName): service is DataServiceName =>
  dataServiceNames.some((name) => name === service);

const allSecrets = new Set(serviceNames.flatMap((name) => [...readBy(name)]));

/** Takes away the secrets of other services: somebody who takes over items must not find what signs tokens. */
export function withoutOthersSecrets(service: ServiceName, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = readBy(service);
  const isForeign = (name: string) => allSecrets.has(name) && !own.has(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isForeign(name)));
}

/**
 * The settings that a service may know: items gets NATS_URL_ITEMS as NATS_URL and MONGODB_URL_ITEMS as MONGODB_URL, and the
 * addresses of no other service.
 */
export function settingsFor(service: ServiceName, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shared = Object.entries(env).filter(([name]) => !OF_ANY_SERVICE.test(name));
  const settings: NodeJS.ProcessEnv = Object.fromEntries(shared);
  for (const name of OWN) {
    const value = env[`${name}_${settingName(service)}`];
    if (value === undefined) continue;
    settings[name] = value;
    // These two would be taken instead of the user in the address.
    if (name === 'NATS_URL') Object.assign(settings, { NATS_USER: '', NATS_PASSWORD: '' });
  }
  return settings;
}
