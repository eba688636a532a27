import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addressSetting } from '@quartet/common/service/description.ts';
import { type UpstreamName, upstreamNames } from '../../services/services.ts';
import type { BrokerPasswords } from '../../tools/broker-users/engine-users.ts';
import { type PortPlan, planPorts } from '../../tools/stack/ports.ts';
import type { ProcessSpec } from '../../tools/stack/process-spec.ts';
import { describeProcesses } from '../../tools/stack/service-specs.ts';
import { freeStackPort } from '../support/free-stack-port.ts';

export type FleetOptions = { drainSeconds: number; sabotage: string | undefined };

export type Engines = { id: string; databaseUrl: string; brokerUrl: string; passwords: BrokerPasswords };

export type FleetSpecs = {
  mail: ProcessSpec;
  inbox: string;
  services: ProcessSpec[];
  gateways: { url: string; readyUrl: string }[];
};

const ROOT = join(import.meta.dirname, '../..');
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.ts')).href;
const HOST = '127.0.0.1';
/** The ports of the second replicas are so far from those of the first. */
const BETWEEN_REPLICAS = 20;

export async function describeFleet(
  options: FleetOptions,
  dataDir: string,
  engines: Engines,
): Promise<FleetSpecs> {
  const plansAt = (port: number): [PortPlan, PortPlan] => [
    planPorts(port, 1),
    planPorts(port + BETWEEN_REPLICAS, 1),
  ];
  const plans = plansAt(await freeStackPort(plansAt));
  const secretKey = randomBytes(32).toString('base64url');
  const describe = (ports: PortPlan): ProcessSpec[] =>
    describeProcesses({
      programs: {
        root: ROOT,
        services: join(ROOT, 'services'),
        mailCatcher: join(ROOT, 'tools/mail-catcher/main.ts'),
      },
      ports,
      host: HOST,
      dataDir,
      env: { ...environmentOf(options), DOCUMENTDB_DB: engines.id, NATS_NAMESPACE: engines.id },
      secretKey,
      databaseUrl: engines.databaseUrl,
      broker: { url: engines.brokerUrl, passwords: engines.passwords },
    });
  const [mail, ...firsts] = describe(plans[0]);
  if (mail?.name !== 'mail') throw new Error('the mail catcher is not the first of the processes');
  const seconds = describe(plans[1]).filter(({ name }) => name !== 'mail');
  const settings = { ...sharedSettings(plans), DRAIN_SECONDS: String(options.drainSeconds) };
  return {
    mail,
    inbox: `http://${HOST}:${plans[0].mail.http}`,
    services: [...firsts, ...seconds.map((spec) => ({ ...spec, name: `${spec.name}-2` }))].map((spec) => ({
      ...spec,
      env: { ...spec.env, ...settings },
    })),
    gateways: plans.map(({ gateway }) => ({
      url: `http://${HOST}:${gateway.port}`,
      readyUrl: `http://${HOST}:${gateway.privatePort}/health/ready`,
    })),
  };
}

function environmentOf({ sabotage }: FleetOptions): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    PASSWORD_HASH_ROUNDS: '4',
    RATE_LIMITS: 'off',
    ACCESS_TOKEN_SHORT_MINUTES: '720',
    EMAIL_VERIFICATION: 'optional',
    // By default the mail catcher keeps only the newest 500 e-mails.
    MAIL_MAX: '999999',
  };
  if (sabotage === undefined) return env;
  return { ...env, ROLLING_SABOTAGE: sabotage, NODE_OPTIONS: `--import ${PRELOAD}` };
}

function sharedSettings(plans: readonly [PortPlan, PortPlan]): NodeJS.ProcessEnv {
  const both = (name: UpstreamName) =>
    plans
      .flatMap((plan) => plan[name])
      .map(({ port }) => `http://${HOST}:${port}`)
      .join(',');
  return {
    ...Object.fromEntries(upstreamNames.map((name) => [addressSetting(name), both(name)])),
    SMTP_PORT: String(plans[0].mail.smtp),
  };
}
