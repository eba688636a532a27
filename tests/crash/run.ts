import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { limitFields } from '../../services/auth/src/limits/limit-settings.ts';
import { ADMIN, createClient, logIn } from '../support/client.ts';
import { type Stack, startStack } from '../system/stack.ts';
import { createCrashClient } from './clients/client.ts';
import { createBrokerEraser } from './faults/broker-eraser.ts';
import { answers200, createProbes, readyWithoutNote, routesAnswer } from './faults/probes.ts';
import { findProcesses } from './faults/processes.ts';
import { createRandom } from './faults/random.ts';
import { type Inspection, inspect } from './observing/inspection.ts';
import { type LiveReaders, openLiveReaders } from './observing/live-readers.ts';
import type { Options } from './options.ts';
import { createResult, type Result } from './result.ts';
import { runRounds } from './rounds.ts';
import type { Sabotage } from './sabotage/sabotages.ts';

export type Circumstances = {
  sabotage: Sabotage | undefined;
  keepData: boolean;
  say: (line: string) => void;
  /** After an abort, what happened since the last check is not checked. */
  signal: AbortSignal;
};

const RESTART_MS = 200;
const LIVE_READERS = 2;
const MANY = '1000000/minute';
/** All clients have one address, so the default limits would refuse them. */
const WIDE_LIMITS: Record<string, string> = {
  ...Object.fromEntries(
    Object.keys(limitFields)
      .filter((name) => name.startsWith('LIMIT_'))
      .map((name) => [name, MANY]),
  ),
  LOGIN_SLOWDOWN_AFTER: '1000000',
};
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'sabotage/preload.ts')).href;

export async function run(options: Options, circumstances: Circumstances): Promise<Result> {
  const { sabotage, keepData, say, signal } = circumstances;
  const args = ['--items', String(options.items), '--restart', String(RESTART_MS)];
  const stack = await startStack(args, environment(sabotage), signal);
  const result = createResult(stack.dataDir);
  let isFine = false;
  try {
    await injectAndCheck(stack, options, result, circumstances);
    isFine = result.faults.length === 0;
    return result;
  } catch (err) {
    if (!signal.aborted) say(`the run failed; data and logs are kept in ${stack.dataDir}`);
    throw err;
  } finally {
    await stack.stop({ keepData: keepData && !isFine && !signal.aborted });
  }
}

function environment(sabotage: Sabotage | undefined): Record<string, string> {
  // By default the mail catcher keeps only the newest 500 e-mails.
  // A run may last longer than a short token.
  const env = {
    ...{ MAIL_MAX: '999999', ACCESS_TOKEN_SHORT_MINUTES: '720', EMAIL_VERIFICATION: 'optional' },
    ...WIDE_LIMITS,
  };
  if (!sabotage) return env;
  const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --import ${PRELOAD}`.trim();
  return { ...env, CRASH_SABOTAGE: sabotage.name, NODE_OPTIONS: nodeOptions };
}

async function injectAndCheck(
  stack: Stack,
  options: Options,
  result: Result,
  { say, signal }: Circumstances,
): Promise<void> {
  const call = createClient(stack.api);
  const admin = { token: await logIn(call, ADMIN.email, ADMIN.password), formerTokens: [] };
  const inspection: Inspection = await inspect(stack, signal);
  let live: LiveReaders | undefined;
  try {
    const random = createRandom(options.seed);
    const { model } = result;
    const clients = Array.from({ length: options.clients }, (_, at) =>
      createCrashClient({ call, model, admin, random: random.fork(), fresh: naming(at) }),
    );
    const { dataDir, id: namespace } = stack;
    const { database, broker } = inspection;
    const processes = findProcesses(dataDir);
    live = await openLiveReaders(LIVE_READERS, broker, new URL(stack.api).origin);
    const probesOf = (isReady = answers200) => createProbes(stack, options.items, database, isReady);
    await runRounds({
      ...{ stack, options, result, call, clients, inspection, live, random, say, signal, processes },
      eraser: createBrokerEraser({ broker, namespace, processes, dataDir, signal }),
      probes: probesOf(),
      wellProbes: probesOf(readyWithoutNote).set('routes', () => routesAnswer(stack.api)),
    });
  } finally {
    await live?.close();
    await inspection.close();
  }
}

function naming(client: number): (prefix: string) => string {
  let made = 0;
  return (prefix) => {
    made += 1;
    return `${prefix}-${client}-${made}`;
  };
}
