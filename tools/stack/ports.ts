import { UsageError } from '../command-line.ts';

/** The gateway's port when no other is asked for. */
export const DEFAULT_PORT = 8000;

export type ServicePorts = {
  port: number;
  /** Health and metrics. */
  privatePort: number;
};

/** Every port of the stack but the engines'. */
export type PortPlan = {
  gateway: ServicePorts;
  auth: ServicePorts;
  /** One for each items process. */
  items: ServicePorts[];
  notifier: ServicePorts;
  mail: { smtp: number; http: number };
};

/** Lays out the ports around the gateway's; throws UsageError when one would fall outside 1..65535. */
export function planPorts(gatewayPort: number, items: number): PortPlan {
  const shift = gatewayPort - DEFAULT_PORT;
  const service = (offset: number) => ({ port: 8000 + shift + offset, privatePort: 9000 + shift + offset });
  const plan: PortPlan = {
    gateway: service(0),
    auth: service(1),
    items: Array.from({ length: items }, (_, at) => service(2 + 10 * at)),
    notifier: service(3),
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

/** All ports with the name of what listens there. */
export function listPorts(plan: PortPlan): { port: number; wantedBy: string }[] {
  const service = (name: string, { port, privatePort }: ServicePorts) => [
    { port, wantedBy: name },
    { port: privatePort, wantedBy: `${name} (health and metrics)` },
  ];
  return [
    ...service('gateway', plan.gateway),
    ...service('auth', plan.auth),
    ...plan.items.flatMap((ports, at) => service(itemsName(at), ports)),
    ...service('notifier', plan.notifier),
    { port: plan.mail.smtp, wantedBy: 'the mail catcher (SMTP)' },
    { port: plan.mail.http, wantedBy: 'the mail catcher (inbox)' },
  ];
}

/** Names the items processes: items, items-2, items-3, ... */
export function itemsName(at: number): string {
  return at === 0 ? 'items' : `items-${at + 1}`;
}

function lastPort(items: number): number {
  return 65_535 - 1000 - Math.max(3, 2 + 10 * (items - 1));
}
