import { settingName } from '@quartet/common/service/description.ts';
import { secretsOf } from '@quartet/common/service/settings.ts';
import {
  type DataServiceName,
  dataServiceNames,
  type ServiceName,
  serviceNames,
  services,
} from '../../services/services.ts';

/** With configured servers, each service may have its own value of these settings. */
const OWN = ['NATS_URL', 'MONGODB_URL'];
const OF_ANY_SERVICE = new RegExp(`^(${OWN.join('|')})_`);

const readBy = (service: ServiceName): Set<string> =>
  new Set([...secretsOf(services[service]), ...(isDataService(service) ? ['MONGODB_URL'] : [])]);

const isDataService = (service: ServiceName): service is DataServiceName =>
  dataServiceNames.some((name) => name === service);

const allSecrets = new Set(serviceNames.flatMap((name) => [...readBy(name)]));

/** An attacker who controls items must not find the key that signs tokens. */
export function withoutOthersSecrets(service: ServiceName, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = readBy(service);
  const isForeign = (name: string) => allSecrets.has(name) && !own.has(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isForeign(name)));
}

/** items gets NATS_URL_ITEMS as NATS_URL, likewise MONGODB_URL, and no other service's address. */
export function settingsFor(service: ServiceName, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shared = Object.entries(env).filter(([name]) => !OF_ANY_SERVICE.test(name));
  const settings: NodeJS.ProcessEnv = Object.fromEntries(shared);
  for (const name of OWN) {
    const value = env[`${name}_${settingName(service)}`];
    if (value === undefined) continue;
    settings[name] = value;
    // The NATS client would prefer these two to the user in the address.
    if (name === 'NATS_URL') Object.assign(settings, { NATS_USER: '', NATS_PASSWORD: '' });
  }
  return settings;
}
