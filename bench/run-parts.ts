import { checkApplications, startApplications } from './applications/start.ts';
import { launchStack, leaveConfiguredServers } from './launched-stack.ts';
import { startLoad } from './load/load.ts';
import { measureMemory } from './memory/measure.ts';
import type { Pids } from './observing/processes.ts';
import type { Options } from './options.ts';
import { startReferences } from './references/start.ts';
import type { Measured } from './report/measured.ts';
import { copyWritten, makeFixtures, makeLogins } from './routes/fixtures.ts';
import { measureRoutes, type Plan, type Subjects } from './routes/measure.ts';
import { isApplication, type SubjectName } from './routes/names.ts';
import { loginRequests, roundOf } from './routes/requests.ts';
import { readEvents } from './waiting/event-reader.ts';
import { openMailbox } from './waiting/mailbox.ts';
import { HASH_ROUNDS, measureWaiting } from './waiting/measure.ts';

const LATER_SECONDS = { long: 60, quick: 10 };
const SAMPLES = {
  long: { events: 200, emails: 100, logins: 30 },
  quick: { events: 100, emails: 20, logins: 8 },
};
/** Node compiles what runs often: a process that has answered little costs several times as much a request. */
const WARM_UP_ANSWERS = { long: 4_000, quick: 500 };
const LEAST_LOGIN_SECONDS = 4;

type Result = { measured: Omit<Measured, 'conditions'>; pids: Pids; beside: string[] };

export async function runParts(options: Options, signal: AbortSignal): Promise<Result> {
  const { parts, isQuick, profile } = options;
  const length = isQuick ? 'quick' : 'long';
  await using resources = new AsyncDisposableStack();
  await checkApplications(options);
  leaveConfiguredServers();
  const mailbox = await openMailbox(resources, signal);
  console.error('starting a stack ...');
  const env = { ...mailbox.env, PASSWORD_HASH_ROUNDS: String(HASH_ROUNDS) };
  const stack = await launchStack({ env, profile }, resources, signal);
  const load = startLoad(resources, signal);

  const beside: string[] = [];
  const loadAll = async () => {
    const isCompared = parts.includes('routes');
    const references = isCompared ? await startReferences(stack.database, resources, signal) : undefined;
    const fixtures = await makeFixtures(stack.api, options.routes);
    await copyWritten(stack, fixtures);
    const applications = isCompared ? await startApplications(options, resources, signal) : {};
    beside.push(...Object.values(applications).map(({ versions }) => versions));
    const subjects: Subjects = { stack, references, applications, fixtures };
    const isMissing = (name: SubjectName) => isApplication(name) && !applications[name];
    // Without a comparison, the requests only have to succeed.
    const compared = isCompared
      ? options.subjects.filter((name) => !isMissing(name))
      : (['gateway'] as const);
    const plan: Plan = { ...options, subjects: compared, warmUp: WARM_UP_ANSWERS[length] };
    return measureRoutes(plan, subjects, load, signal);
  };
  const measured: Omit<Measured, 'conditions'> = {};
  if (parts.includes('memory')) {
    const { memory, loaded } = await measureMemory(stack, LATER_SECONDS[length], loadAll, signal);
    measured.memory = memory;
    if (parts.includes('routes')) measured.routes = loaded;
  } else if (parts.includes('routes')) {
    measured.routes = await loadAll();
  }
  if (parts.includes('waiting')) {
    const events = await readEvents(stack, resources, signal);
    const seconds = Math.max(LEAST_LOGIN_SECONDS, options.seconds);
    const plans = loginRequests(await makeLogins(stack.api, 'waiting'));
    const target = { url: stack.urls.gateway, plans };
    const logins = roundOf('login', seconds, target);
    const surroundings = { stack, events, emails: mailbox.arrivals, load, logins, signal };
    measured.waiting = await measureWaiting(SAMPLES[length], surroundings);
  }
  return { measured, pids: stack.pids, beside };
}
