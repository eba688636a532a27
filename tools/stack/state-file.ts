import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PRIVATE_FILE } from '../engines/private-file.ts';
import type { KnownProcess } from './end-processes.ts';
import { endProcesses } from './end-processes.ts';
import { StackError } from './errors.ts';
import { processIdentity } from './process-identity.ts';
import { STOP_ORDER } from './process-spec.ts';

const LEFTOVER_GRACE_MS = 6000;
const STOPPING_POLL_MS = 100;

type State = {
  isStopping?: boolean;
  launcher: { pid: number; identity: string };
  children: KnownProcess[];
};

/** The record of who runs on a data folder: it keeps a second stack out, and lets the next one clean up. */
export type StateFile = {
  /** Leftovers of a launcher that was killed, ended when the file was claimed. */
  leftovers: KnownProcess[];
  add(child: KnownProcess): void;
  remove(pid: number): void;
  /** Lets a stack that is started now wait for the end of this one. */
  stopping(): void;
  /** Gives the folder free. */
  release(): void;
};

/**
 * Claims a data folder for this process. Ends what a dead launcher has left running there, if it is still the same
 * processes; throws StackError when a live launcher has the folder.
 */
export async function claimState(file: string): Promise<StateFile> {
  const leftovers: KnownProcess[] = [];
  const identity = processIdentity(process.pid) ?? 'unknown';
  const state: State = { launcher: { pid: process.pid, identity }, children: [] };
  while (!tryCreate(file, state)) {
    const former = readState(file);
    if (former !== undefined && isRunning(former.launcher)) {
      if (former.isStopping) {
        // It needs 10 s at most, and then it is gone or dead.
        await delay(STOPPING_POLL_MS);
        continue;
      }
      throw new StackError(
        `already running (pid ${former.launcher.pid}) on this data folder: stop it, or use --data`,
      );
    }
    leftovers.push(...(await endProcesses(former?.children ?? [], LEFTOVER_GRACE_MS)));
    rmSync(file, { force: true });
  }
  const save = () => {
    writeFileSync(`${file}.new`, serialize(state), { mode: PRIVATE_FILE });
    renameSync(`${file}.new`, file);
  };
  return {
    leftovers,
    add: (child) => {
      state.children.push(child);
      save();
    },
    remove: (pid) => {
      state.children = state.children.filter((child) => child.pid !== pid);
      save();
    },
    stopping: () => {
      state.isStopping = true;
      save();
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Creates the file complete or not at all, so that nobody reads half of it or overwrites another's. */
function tryCreate(file: string, state: State): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, serialize(state), { mode: PRIVATE_FILE });
  try {
    linkSync(draft, file);
    return true;
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'EEXIST') {
      return false;
    }
    throw err;
  } finally {
    rmSync(draft);
  }
}

function isRunning({ pid, identity }: State['launcher']): boolean {
  return processIdentity(pid) === identity;
}

function serialize(state: State): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function readState(file: string): State | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isState(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isState(value: unknown): value is State {
  return (
    isRecord(value) &&
    isProcess(value.launcher) &&
    Array.isArray(value.children) &&
    value.children.every(isKnown)
  );
}

/** Whether a value read from outside is the description of a process of ours. */
export function isKnown(value: unknown): value is KnownProcess {
  return (
    isProcess(value) && typeof value.name === 'string' && STOP_ORDER.some((phase) => phase === value.phase)
  );
}

function isProcess(value: unknown): value is Record<string, unknown> & State['launcher'] {
  // 0 and negative numbers would signal whole groups.
  return (
    isRecord(value) &&
    Number.isInteger(value.pid) &&
    Number(value.pid) > 1 &&
    typeof value.identity === 'string'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
