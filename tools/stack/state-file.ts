import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { PRIVATE_FILE } from '../engines/private-file.ts';
import { endProcesses, isAlive, type KnownProcess } from './end-processes.ts';
import { StackError } from './errors.ts';
import { processIdentity } from './process-identity.ts';
import { STOP_ORDER } from './process-spec.ts';

const LEFTOVER_GRACE_MS = 6000;
const STOPPING_POLL_MS = 100;

// A signal to 0 or to a negative pid would reach whole groups.
const anyProcess = z.object({ pid: z.int().min(2), identity: z.string() });
const stateSchema = z.object({
  isStopping: z.boolean().optional(),
  launcher: anyProcess,
  children: z.array(anyProcess.extend({ name: z.string(), phase: z.enum(STOP_ORDER) })),
});
type State = z.output<typeof stateSchema>;

/** The record of running processes excludes a second stack, and lists what a killed stack left. */
export type StateFile = {
  file: string;
  launcher: string;
  leftovers: KnownProcess[];
  add(child: KnownProcess): void;
  remove(pid: number): void;
  stopping(): void;
  release(): void;
};

/** Claims a data folder and ends leftovers. @throws {StackError} when a live launcher has it */
export async function claimState(file: string): Promise<StateFile> {
  const leftovers: KnownProcess[] = [];
  const launcher = processIdentity(process.pid) ?? 'unknown';
  const state: State = { launcher: { pid: process.pid, identity: launcher }, children: [] };
  while (!tryCreate(file, state)) {
    const former = readState(file);
    if (former === undefined || !isAlive(former.launcher)) {
      leftovers.push(...(await endProcesses(former?.children ?? [], LEFTOVER_GRACE_MS)));
      rmSync(file, { force: true });
    } else if (former.isStopping) {
      await delay(STOPPING_POLL_MS);
    } else {
      const { pid } = former.launcher;
      throw new StackError(`already running (pid ${pid}) on this data folder: stop it, or use --data`);
    }
  }
  const save = (change: Partial<State>) => {
    writeFileSync(`${file}.new`, serialize(Object.assign(state, change)), { mode: PRIVATE_FILE });
    renameSync(`${file}.new`, file);
  };
  return {
    ...{ file, launcher, leftovers },
    add: (child) => save({ children: [...state.children, child] }),
    remove: (pid) => save({ children: state.children.filter((child) => child.pid !== pid) }),
    stopping: () => save({ isStopping: true }),
    release: () => rmSync(file, { force: true }),
  };
}

/** The file appears complete or not at all, and never overwrites another process's. */
function tryCreate(file: string, state: State): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, serialize(state), { mode: PRIVATE_FILE });
  try {
    linkSync(draft, file);
    return true;
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'EEXIST') return false;
    throw err;
  } finally {
    rmSync(draft);
  }
}

const serialize = (state: State): string => `${JSON.stringify(state, null, 2)}\n`;

export function readState(file: string): State | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
