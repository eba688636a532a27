import { StackError } from './errors.ts';
import { type LogFile, type Output, openLogFile } from './output.ts';
import { processIdentity } from './process-identity.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { StateFile } from './state-file.ts';
import { stopInOrder } from './stop-order.ts';
import {
  type Death,
  defaultTiming,
  type Hooks,
  type Supervised,
  supervise,
  type Timing,
} from './supervisor.ts';

const REMIND_EVERY_MS = 5000;
/** Waiting does not repair a process that cannot start. */
const DEATHS_BEFORE_GIVING_UP = 3;

export type StackContext = {
  output: Output;
  state: StateFile;
  logFolder: string;
  startWithinMs: number;
  timing?: Timing;
};

export type Stack = {
  run(spec: ProcessSpec): Promise<Supervised>;
  /** @throws {StackError} naming processes that are not ready in time; the reason when `signal` aborts */
  untilReady(processes: Supervised[], signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
};

export function createStack(context: StackContext): Stack {
  const { output, state } = context;
  const all: Supervised[] = [];
  const logs: LogFile[] = [];
  let stopping = false;
  const hopeless = Promise.withResolvers<never>();
  hopeless.promise.catch(() => {});

  function hooksOf({ name, phase }: ProcessSpec, log: LogFile): Hooks {
    let deathsBeforeReady = 0;
    let restarted = false;
    return {
      onSpawn(pid) {
        const identity = processIdentity(pid);
        if (identity !== undefined) state.add({ name, pid, identity, phase });
      },
      onExit: (pid) => state.remove(pid),
      onLine(line) {
        log.write(line);
        output.processLine(name, phase, line);
      },
      onReady() {
        deathsBeforeReady = 0;
        if (restarted) output.say('info', 'ready again', { process: name }, `${name} is ready again`);
      },
      onDeath(death) {
        restarted = true;
        deathsBeforeReady += death.wasReady ? 0 : 1;
        reportDeath(output, name, death);
        if (deathsBeforeReady < DEATHS_BEFORE_GIVING_UP) return;
        hopeless.reject(new StackError(`${name} does not start; it ended ${deathsBeforeReady} times`));
      },
    };
  }

  return {
    async run(spec) {
      const log = await openLogFile(context.logFolder, spec.name);
      logs.push(log);
      if (stopping) throw new StackError(`${spec.name} is not started: the stack stops`);
      const supervised = supervise(spec, hooksOf(spec, log), context.timing ?? defaultTiming);
      all.push(supervised);
      return supervised;
    },
    async untilReady(processes, signal) {
      const late = () => processes.filter((one) => !one.isReady());
      const remind = () => {
        const names = late().map(({ name }) => name);
        output.say('info', 'waiting', { for: names }, `still waiting for ${names.join(', ')} to be ready`);
      };
      const reminder = setInterval(remind, REMIND_EVERY_MS);
      const given = Promise.withResolvers<never>();
      const giveUp = () => given.reject(signal.aborted ? signal.reason : notReady(late(), context));
      const limit = setTimeout(giveUp, context.startWithinMs);
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        signal.throwIfAborted();
        const ready = Promise.all(processes.map(({ firstReady }) => firstReady));
        await Promise.race([ready, given.promise, hopeless.promise]);
      } finally {
        clearInterval(reminder);
        clearTimeout(limit);
        signal.removeEventListener('abort', giveUp);
      }
    },
    async stop() {
      stopping = true;
      const killed = await stopInOrder(all);
      const text = `killed, as it did not end in time: ${killed.join(', ')}`;
      if (killed.length > 0) output.say('warn', 'killed', { processes: killed }, text);
      await Promise.all(logs.map((log) => log.close()));
    },
    kill() {
      for (const one of all) one.kill();
    },
  };
}

function reportDeath(output: Output, name: string, { how, wasReady, lastLines, restartInMs }: Death): void {
  const fields = { process: name, how, restartInMs, ...(wasReady ? {} : { lastLines }) };
  const text = `${name} ended (${how}); it is started again in ${restartInMs / 1000} s`;
  output.say('error', 'process ended', fields, [text, ...(wasReady ? [] : quote(lastLines))].join('\n'));
}

function notReady(late: Supervised[], { startWithinMs, logFolder }: StackContext): StackError {
  const tails = late.flatMap((one) => [`last lines of ${one.name}:`, ...quote(one.lastLines())]);
  const first = `not ready after ${startWithinMs / 1000} s: ${late.map(({ name }) => name).join(', ')}`;
  return new StackError([first, ...tails, `All logs are in ${logFolder}`].join('\n'));
}

const quote = (lines: string[]): string[] => lines.map((line) => `  | ${line}`);
