import type { EventEmitter } from 'node:events';
import { join, resolve } from 'node:path';
import { authorizationBlock } from '../broker-users/engine-users.ts';
import { configuredServers, resolveEngines } from '../engines/index.ts';
import type { StackOptions } from './args.ts';
import { newBrokerPasswords, writeBrokerAdmin } from './broker-logins.ts';
import { checkSettings } from './check-settings.ts';
import { dataPaths, emptyDataFolder, openDataFolder } from './data-folder.ts';
import { requireLogin, writeDatabaseAdmin } from './database-login.ts';
import { runEngine } from './engine-processes.ts';
import { listenAddress, readEnvironment, withoutSecrets } from './environment.ts';
import type { Guardian } from './guardian-client.ts';
import { startGuardian } from './guardian-client.ts';
import type { Output, Streams } from './output.ts';
import { requireFreePorts } from './port-check.ts';
import type { PortPlan } from './ports.ts';
import { listPorts, planPorts } from './ports.ts';
import { keptSecretKey } from './secret-key.ts';
import type { Programs } from './service-specs.ts';
import { describeProcesses, wantsMailCatcher } from './service-specs.ts';
import type { Stack } from './stack.ts';
import { createStack } from './stack.ts';
import type { StateFile } from './state-file.ts';
import { claimState } from './state-file.ts';
import { exitCodeAfter, listenForStop, watchNpm } from './stop-signals.ts';
import { announceReady } from './summary.ts';
import { steadyTiming } from './supervisor.ts';

/** What the launcher gets from outside; `start.ts` takes it from the process. */
export type LaunchOptions = Streams & {
  env: NodeJS.ProcessEnv;
  /** Emits SIGINT, SIGTERM and SIGHUP. */
  signals: EventEmitter;
  programs: Programs;
  /** How long everything may take to become ready. */
  startWithinMs?: number;
};

/** What one run of the stack is made of, once the command line and the settings are read. */
type Run = {
  asked: StackOptions;
  env: NodeJS.ProcessEnv;
  host: string;
  ports: PortPlan;
  dataDir: string;
  programs: Programs;
  output: Output;
};

/** Brings the stack up, keeps it running until a signal, and stops it. Returns the exit code. */
export async function runStack(asked: StackOptions, output: Output, options: LaunchOptions): Promise<number> {
  const settings = asked.env ?? join(options.programs.root, '.env');
  const env = await readEnvironment(settings, options.env, asked.env !== undefined);
  const dataDir = resolve(asked.data);
  const ports = planPorts(asked.port, asked.items);
  const run = { asked, env, ports, dataDir, output, host: listenAddress(env), programs: options.programs };
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

async function prepare(
  { asked, env, host, ports, dataDir, output, programs }: Run,
  state: StateFile,
): Promise<void> {
  if (state.leftovers.length > 0) {
    const names = state.leftovers.map(({ name, pid }) => `${name} (pid ${pid})`);
    output.say(
      'warn',
      'leftovers ended',
      { processes: names },
      `ended what a killed start left: ${names.join(', ')}`,
    );
  }
  const mail: number[] = wantsMailCatcher(env) ? [] : Object.values(ports.mail);
  await requireFreePorts(
    listPorts(ports).filter(({ port }) => !mail.includes(port)),
    host,
    (port) => planPorts(port, asked.items),
  );
  await checkSettings(programs.services, env);
  if (asked.fresh) {
    await emptyDataFolder(dataDir);
    const kept = configuredServers(env);
    if (kept.length > 0) {
      const line = `--fresh emptied ${asked.data}; what is in the servers of ${kept.join(' and ')} stays as it is`;
      output.say('warn', 'configured servers are not emptied', { variables: kept }, line);
    }
  }
}

async function guarded(run: Run, state: StateFile, options: LaunchOptions): Promise<number> {
  const { output, dataDir } = run;
  const guardian: Guardian = startGuardian();
  const startWithinMs = options.startWithinMs ?? 60_000;
  const { restartMs } = run.asked;
  const stack = createStack({
    ...{ output, guardian, state, startWithinMs },
    logFolder: dataPaths(dataDir).logs,
    ...(restartMs === undefined ? {} : { timing: steadyTiming(restartMs) }),
  });
  const stops = listenForStop(options.signals, () => stack.kill());
  // Whoever read our output is gone, as after `npm start | head`: nobody is left to run for.
  const hangUp = () => stops.request('SIGHUP');
  options.stdout.on('error', hangUp);
  options.stderr.on('error', hangUp);
  const unwatchNpm = watchNpm(options.env, () => stops.request('SIGTERM'));
  void stops.first.then((signal) => output.say('info', 'stopping', { signal }, 'stopping ...'));
  try {
    await bringUp(run, stack, stops.signal);
    await stops.first;
  } catch (err) {
    if (!stops.signal.aborted) {
      throw err;
    }
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
  // What children write is their owner's alone; before, the engines were fetched into a cache that many may share.
  process.umask(0o077);
  const login = await requireLogin(plans.database, { env: settings.env, signal });
  const [database, broker] = await Promise.all([
    runEngine(stack, 'database', login.plan, settings),
    runEngine(stack, 'broker', plans.broker, settings),
  ]);
  const engines = [database.process, broker.process].filter((one) => one !== undefined);
  await stack.untilReady(engines, signal);
  if (broker.isOurs) await writeBrokerAdmin(dataDir, broker.url, passwords);
  if (database.isOurs) await writeDatabaseAdmin(dataDir, login.url);
  const specs = describeProcesses({
    ...run,
    secretKey: env.SECRET_KEY ?? (await keptSecretKey(paths.secretKey)),
    databaseUrl: database.isOurs ? login.url : undefined,
    broker: broker.isOurs ? { url: broker.url, passwords } : undefined,
  });
  const processes = await Promise.all(specs.map((spec) => stack.run(spec)));
  await stack.untilReady(processes, signal);
  announceReady(output, {
    ...run,
    engines: [plans.database.describe, plans.broker.describe],
    ownEngines: {
      ...(database.isOurs ? { database: database.url } : {}),
      ...(broker.isOurs ? { broker: broker.url } : {}),
    },
    hasDatabaseLogin: !database.isOurs || login.isRequired,
    tookMs: performance.now() - startedAt,
  });
}
