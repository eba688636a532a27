import type { EventEmitter } from 'node:events';
import { join, resolve } from 'node:path';
import { authorizationBlock } from '../broker-users/engine-users.ts';
import { buildDashboard } from '../dashboard/build-dashboard.ts';
import { configuredServers, type EnginePlan, resolveEngines } from '../engines/index.ts';
import type { StackOptions } from './args.ts';
import { newBrokerPasswords, writeBrokerAdmin } from './broker-logins.ts';
import { checkSettings } from './check-settings.ts';
import { dataPaths, emptyDataFolder, keptSecretKey, openDataFolder } from './data-folder.ts';
import { requireLogin, writeDatabaseAdmin } from './database-login.ts';
import { listenAddress, readEnvironment, wantsDashboard, withoutSecrets } from './environment.ts';
import { startGuardian } from './guard.ts';
import type { Output, Streams } from './output.ts';
import { requireFreePorts } from './port-check.ts';
import { listPorts, type PortPlan, planPorts } from './ports.ts';
import type { Phase, ProcessSpec } from './process-spec.ts';
import { describeProcesses, type Programs, wantsMailCatcher } from './service-specs.ts';
import { createStack, type Stack } from './stack.ts';
import { claimState, type StateFile } from './state-file.ts';
import { exitCodeAfter, listenForStop, watchNpm } from './stop-signals.ts';
import { type Stripped, stripSources } from './stripped-sources.ts';
import { showSummary } from './summary.ts';
import { steadyTiming } from './supervisor.ts';

export type LaunchOptions = Streams & {
  env: NodeJS.ProcessEnv;
  signals: EventEmitter;
  programs: Programs;
  startWithinMs?: number;
};

type Run = {
  asked: StackOptions;
  env: NodeJS.ProcessEnv;
  host: string;
  ports: PortPlan;
  dataDir: string;
  programs: Programs;
  output: Output;
};

export async function runStack(asked: StackOptions, output: Output, options: LaunchOptions): Promise<number> {
  const { programs } = options;
  const settings = asked.env ?? join(programs.root, '.env');
  const env = await readEnvironment(settings, options.env, asked.env !== undefined);
  const dataDir = resolve(asked.data);
  const ports = planPorts(asked.port, asked.items);
  const run = { asked, env, ports, dataDir, output, host: listenAddress(env), programs };
  if (!(await openDataFolder(dataDir))) {
    const line = `${asked.data} can be read by other users of this machine, and its modes cannot be changed`;
    output.say('warn', 'data is open to others', { data: dataDir }, line);
  }
  const state = await claimState(dataPaths(dataDir).state);
  try {
    await prepare(run, state);
    return await guarded(run, state, options);
  } finally {
    state.release();
  }
}

async function prepare(run: Run, { leftovers }: StateFile): Promise<void> {
  const { asked, env, host, ports, dataDir, output, programs } = run;
  if (leftovers.length > 0) {
    const processes = leftovers.map(({ name, pid }) => `${name} (pid ${pid})`);
    const line = `ended what a killed start left: ${processes.join(', ')}`;
    output.say('warn', 'leftovers ended', { processes }, line);
  }
  const unused: number[] = wantsMailCatcher(env) ? [] : Object.values(ports.mail);
  const wanted = listPorts(ports).filter(({ port }) => !unused.includes(port));
  await requireFreePorts(wanted, host, (port) => planPorts(port, asked.items));
  await checkSettings(programs.services, env);
  if (!asked.fresh) return;
  await emptyDataFolder(dataDir);
  const variables = configuredServers(env);
  if (variables.length > 0) {
    const line = `--fresh emptied ${asked.data}; what is in the servers of ${variables.join(' and ')} stays as it is`;
    output.say('warn', 'configured servers are not emptied', { variables }, line);
  }
}

async function guarded(run: Run, state: StateFile, options: LaunchOptions): Promise<number> {
  const { output, dataDir } = run;
  const guardian = startGuardian(state);
  const { restartMs } = run.asked;
  const stack = createStack({
    ...{ output, state, startWithinMs: options.startWithinMs ?? 60_000 },
    logFolder: dataPaths(dataDir).logs,
    ...(restartMs === undefined ? {} : { timing: steadyTiming(restartMs) }),
  });
  const stops = listenForStop(options.signals, () => stack.kill());
  // The reader of our output has ended, as after `npm start | head`.
  for (const stream of [options.stdout, options.stderr]) stream.on('error', () => stops.request('SIGHUP'));
  const unwatchNpm = watchNpm(options.env, () => stops.request('SIGTERM'));
  void stops.first.then((signal) => output.say('info', 'stopping', { signal }, 'stopping ...'));
  try {
    await bringUp(run, stack, stops.signal);
    await stops.first;
  } catch (err) {
    if (!stops.signal.aborted) throw err;
  } finally {
    state.stopping();
    await stack.stop();
    await guardian.goodbye();
    stops.release();
    unwatchNpm();
  }
  output.say('info', 'stopped');
  return exitCodeAfter(await stops.first);
}

async function bringUp(run: Run, stack: Stack, signal: AbortSignal): Promise<void> {
  const { env, dataDir, output, programs } = run;
  const startedAt = performance.now();
  const paths = dataPaths(dataDir);
  const shared = { env, report: output.report, signal };
  const passwords = newBrokerPasswords();
  const authorization = authorizationBlock(passwords, env.NATS_NAMESPACE);
  const plans = await resolveEngines(
    { ...shared, dataDir: paths.database },
    { ...shared, dataDir: paths.broker, authorization },
  );
  const settings = { env: withoutSecrets(env), cwd: programs.root };
  // What children write is private; the engines are already in their cache, which users may share.
  process.umask(0o077);
  const login = await requireLogin(plans.database, { env: settings.env, signal });
  const engines = [
    ...engineSpec('database', login.plan, settings),
    ...engineSpec('broker', plans.broker, settings),
  ];
  const [stripped] = await Promise.all([
    stripSources(settings.env, signal),
    ensureDashboard(run, settings.env, signal),
    runAll(stack, engines).then((started) => stack.untilReady(started, signal)),
  ]);
  // A configured server's address may hold a password: the services read it for themselves.
  const databaseUrl = plans.database.kind === 'process' ? login.url : undefined;
  const brokerUrl = plans.broker.kind === 'process' ? plans.broker.url : undefined;
  if (brokerUrl !== undefined) await writeBrokerAdmin(dataDir, brokerUrl, passwords);
  if (databaseUrl !== undefined) await writeDatabaseAdmin(dataDir, databaseUrl);
  const specs = describeProcesses({
    ...{ ...run, databaseUrl, preload: preloadOf(stripped, output) },
    secretKey: env.SECRET_KEY ?? (await keptSecretKey(paths.secretKey)),
    broker: brokerUrl === undefined ? undefined : { url: brokerUrl, passwords },
  });
  await stack.untilReady(await runAll(stack, specs), signal);
  showSummary(output, {
    ...run,
    engines: [plans.database.describe, plans.broker.describe],
    ownEngines: {
      ...(databaseUrl === undefined ? {} : { database: plans.database.url }),
      ...(brokerUrl === undefined ? {} : { broker: brokerUrl }),
    },
    hasDatabaseLogin: databaseUrl === undefined || login.isRequired,
    tookMs: performance.now() - startedAt,
  });
}

/** A build that fails stops no API: `/` then says that there is no dashboard. */
async function ensureDashboard(
  { output, env }: Run,
  settings: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  if (!wantsDashboard(env)) return;
  const onStale = () =>
    output.say(
      'info',
      'building the dashboard',
      {},
      'building the dashboard: at the first start, and after a change ...',
    );
  const built = await buildDashboard({ env: settings, signal, onStale });
  if (typeof built === 'string') return;
  const line = `the dashboard is not built, the API starts without it: ${built.failure}`;
  output.say('warn', 'dashboard not built', { reason: built.failure }, line);
}

function preloadOf(stripped: Stripped, output: Output): string | undefined {
  if ('preload' in stripped) return stripped.preload;
  const line = `services strip their types themselves, and take more memory: ${stripped.failure}`;
  output.say('warn', 'types not stripped', { reason: stripped.failure }, line);
  return undefined;
}

const runAll = (stack: Stack, specs: ProcessSpec[]) => Promise.all(specs.map((spec) => stack.run(spec)));

function engineSpec(
  phase: Extract<Phase, 'database' | 'broker'>,
  plan: EnginePlan,
  settings: Pick<ProcessSpec, 'env' | 'cwd'>,
): ProcessSpec[] {
  if (plan.kind === 'server') return [];
  const { file, args, readyLine } = plan;
  return [{ name: phase, phase, file, args, ready: { line: readyLine }, ...settings }];
}
