import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { dataPaths } from '../../tools/stack/data-folder.ts';
import { planPorts } from '../../tools/stack/ports.ts';
import { freeStackPort } from '../support/free-stack-port.ts';
import { removeStack } from '../support/remove-stack.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 90_000;
const REMOVE_WITHIN_MS = 5_000;
/** Tests ignore the settings of the person who runs them. */
const NO_SETTINGS = '/dev/null';
/** `test:crash` allows no more; no test starts more. */
const MOST_ITEMS = 4;

const readyLine = z.object({
  msg: z.literal('ready'),
  name: z.literal('stack'),
  api: z.string(),
  inbox: z.string(),
  database: z.string().optional(),
  broker: z.string().optional(),
});

export type Stack = {
  api: string;
  inbox: string;
  /** Addresses are set only for the stack's own engines, with administrators' logins. */
  database: string | undefined;
  broker: string | undefined;
  id: string;
  launcher: ChildProcess;
  dataDir: string;
  /** Ends everything by SIGTERM and returns the launcher's exit code. */
  stop(options?: { keepData: boolean }): Promise<number | null>;
};

/** Waits for the "ready" line; `stop` cleans configured servers. @throws {Error} with the logs' folder */
export async function startStack(
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
  signal?: AbortSignal,
  root = ROOT,
): Promise<Stack> {
  const id = `test_${randomBytes(6).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-stack-'));
  const port = await freeStackPort((first) => [planPorts(first, MOST_ITEMS)]);
  const launcher = spawn(
    process.execPath,
    ['tools/start.ts', '--port', String(port), '--data', dataDir, '--env', NO_SETTINGS, ...args],
    {
      cwd: root,
      env: { ...process.env, DOCUMENTDB_DB: id, NATS_NAMESPACE: id, PASSWORD_HASH_ROUNDS: '6', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const end = async () => {
    if (launcher.exitCode === null && launcher.signalCode === null) {
      launcher.kill('SIGTERM');
      await once(launcher, 'exit');
    }
  };
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  const { api, inbox, database, broker } = await untilReady(launcher, signal).catch(async (err: unknown) => {
    await end();
    if (signal?.aborted) await removeData();
    // Unreachable servers prevented the start, and hold nothing to remove.
    await removeStack(id, AbortSignal.timeout(REMOVE_WITHIN_MS)).catch(() => undefined);
    throw err;
  });
  return {
    ...{ api, inbox, id },
    // The ready line is logged, so it has no passwords.
    database: database && (await readAddress(dataPaths(dataDir).databaseAdmin)),
    broker: broker && (await readAddress(dataPaths(dataDir).brokerAdmin)),
    launcher,
    dataDir,
    async stop({ keepData } = { keepData: false }) {
      await end();
      if (!keepData) {
        await removeStack(id);
        await removeData();
      }
      return launcher.exitCode;
    },
  };
}

async function readAddress(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

async function untilReady(launcher: ChildProcess, signal?: AbortSignal): Promise<z.output<typeof readyLine>> {
  const { stdout, stderr } = launcher;
  if (!stdout || !stderr) throw new Error('the launcher has no output');
  const said: string[] = [];
  stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ready = Promise.withResolvers<z.output<typeof readyLine>>();
  createInterface({ input: stdout }).on('line', (line) => {
    if (!line.includes('"ready"')) return;
    const parsed = readyLine.safeParse(JSON.parse(line));
    if (parsed.success) ready.resolve(parsed.data);
  });
  const fail = (why: string) => ready.reject(new Error(`${why}:\n${said.join('')}`));
  launcher.once('exit', (code) => fail(`the launcher ended with ${code}`));
  const onAbort = () => fail('the stack is not wanted any more');
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(() => fail('the stack was not ready in time'), READY_WITHIN_MS);
  return ready.promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}
