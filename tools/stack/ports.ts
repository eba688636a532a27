import { privatePortOf, recordOf } from '@quartet/common/service/description.ts';
import { type ServiceName, serviceNames, services } from '../../services/services.ts';
import { UsageError } from '../command-line.ts';

export const DEFAULT_PORT = services.gateway.port;

export type ServicePorts = {
  port: number;
  privatePort: number;
};

type SingleService = Exclude<ServiceName, 'items'>;

export type PortPlan = Record<SingleService, ServicePorts> & {
  items: ServicePorts[];
  mail: { smtp: number; http: number };
};

const singleServices = serviceNames.filter((name): name is SingleService => name !== 'items');
const BETWEEN_ITEMS = 10;
const lastSingle = Math.max(...singleServices.map((name) => services[name].port));
const portOfItems = (at: number) => services.items.port + BETWEEN_ITEMS * at;

/** @throws {UsageError} when a port would be outside 1..65535 */
export function planPorts(gatewayPort: number, items: number): PortPlan {
  const shift = gatewayPort - DEFAULT_PORT;
  const service = (port: number) => ({ port: port + shift, privatePort: privatePortOf(port + shift) });
  const plan: PortPlan = {
    ...recordOf(singleServices, (name) => service(services[name].port)),
    items: Array.from({ length: items }, (_, at) => service(portOfItems(at))),
    mail: { smtp: 1025 + shift, http: 8025 + shift },
  };
  for (const { port, wantedBy } of listPorts(plan)) {
    if (port < 1 || port > 65_535) {
      throw new UsageError(
        `--port ${gatewayPort} would put ${wantedBy} at port ${port}; ports go from 1 to 65535, so choose one from 6976 to ${lastPort(items)}`,
      );
    }
  }
  return plan;
}

export function listPorts(plan: PortPlan): { port: number; wantedBy: string }[] {
  const service = (name: string, { port, privatePort }: ServicePorts) => [
    { port, wantedBy: name },
    { port: privatePort, wantedBy: `${name} (health and metrics)` },
  ];
  return [
    ...serviceNames.flatMap((name) =>
      name === 'items'
        ? plan.items.flatMap((ports, at) => service(itemsName(at), ports))
        : service(name, plan[name]),
    ),
    { port: plan.mail.smtp, wantedBy: 'the mail catcher (SMTP)' },
    { port: plan.mail.http, wantedBy: 'the mail catcher (inbox)' },
  ];
}

export const itemsName = (at: number): string => (at === 0 ? 'items' : `items-${at + 1}`);

function lastPort(items: number): number {
  const last = Math.max(lastSingle, portOfItems(items - 1));
  return 65_535 - (privatePortOf(last) - DEFAULT_PORT);
}
