import { relative } from 'node:path';
import { dataPaths } from './data-folder.ts';
import { originAt, wantsDashboard } from './environment.ts';
import type { Output } from './output.ts';
import type { PortPlan } from './ports.ts';
import { wantsMailCatcher } from './service-specs.ts';

export type Summary = {
  ports: PortPlan;
  host: string;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  engines: string[];
  /** A configured engine's address may hold a password, so it is not here. */
  ownEngines: { database?: string; broker?: string };
  hasDatabaseLogin: boolean;
  tookMs: number;
};

const OPEN_DATABASE = 'this database asks nobody for a password: every user of this machine can read it';

export function showSummary(output: Output, summary: Summary): void {
  const { ports, host, env, dataDir, engines, ownEngines, tookMs } = summary;
  const origin = (port: number) => originAt(host, port);
  const facts = {
    ...(wantsDashboard(env) ? { dashboard: origin(ports.gateway.port) } : {}),
    api: `${origin(ports.gateway.port)}/api/v1`,
    inbox: wantsMailCatcher(env)
      ? origin(ports.mail.http)
      : `none: e-mails are sent through ${env.SMTP_HOST}`,
    superuser: superuserOf(env),
    data: dataDir,
    logs: dataPaths(dataDir).logs,
    ...ownEngines,
  };
  const rows = [
    ...(facts.dashboard === undefined ? [] : [['Dashboard', facts.dashboard]]),
    ['API', facts.api],
    ['Documentation', `${origin(ports.gateway.port)}/docs`],
    ['Inbox', facts.inbox],
    ['First superuser', facts.superuser],
    ['Data', shorter(facts.data)],
    ['Logs', shorter(facts.logs)],
    ['Engines', engines.join(', ')],
    ...(summary.hasDatabaseLogin ? [] : [['', OPEN_DATABASE]]),
  ];
  const lines = rows.map(([label = '', value]) => `  ${label.padEnd(16)} ${value}`);
  const title = `Quartet is ready after ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops it.`;
  output.say('info', 'ready', facts, ['', title, '', ...lines, ''].join('\n'));
}

/** The summary shows no password that a person has chosen. */
export function superuserOf(env: NodeJS.ProcessEnv): string {
  const password = env.FIRST_SUPERUSER_PASSWORD ?? 'changethis';
  const shown = password === 'changethis' ? password : 'as configured in FIRST_SUPERUSER_PASSWORD';
  return `${env.FIRST_SUPERUSER ?? 'admin@example.com'} / ${shown}`;
}

function shorter(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && short.length < path.length ? short : path;
}
