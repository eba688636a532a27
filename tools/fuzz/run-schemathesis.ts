import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { runChild } from '../child-process.ts';
import type { Report } from '../engines/index.ts';
import { type Call, type Findings, parseCalls, parseFindings } from './read-reports.ts';
import { hookSettings, type Run, writeConfig } from './settings.ts';

const POLL_MS = 1_000;

export type Schemathesis = { command: string; path: string; env: NodeJS.ProcessEnv };

export type RunResult = {
  exitCode: number | null;
  seconds: number;
  output: string;
  calls: Call[];
  findings: Findings;
};

/** Runs schemathesis once, with all its checks and phases. @throws {Error} when it wrote no report */
export async function runSchemathesis(
  { command, path, env }: Schemathesis,
  run: Run,
  report: Report,
  signal?: AbortSignal,
): Promise<RunResult> {
  const { cast, folder, examples, seed } = run;
  const callsFile = join(folder, 'calls.json');
  const reportFile = join(folder, 'report.json');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const config = await writeConfig(folder, cast);
  const args = ['-m', 'schemathesis.cli', '--config-file', config, 'run', run.document];
  args.push('--max-examples', String(examples), '--seed', String(seed), '--no-color');
  args.push('--report', 'json', '--report-json-path', reportFile);
  const startedAt = performance.now();
  const timer = setInterval(() => {
    readFile(callsFile, 'utf8').then(
      (text) => report.progress(`${basename(folder)}: ${countCalls(parseCalls(text))} calls`),
      () => {},
    );
  }, POLL_MS);
  const { code, output } = await runChild(command, args, {
    cwd: folder,
    env: {
      ...env,
      ...hookSettings(run, callsFile),
      PYTHONPATH: [path, import.meta.dirname].join(delimiter),
      PYTHONNOUSERSITE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUTF8: '1',
    },
    signal,
  }).finally(() => clearInterval(timer));
  await writeFile(join(folder, 'output.txt'), `${output}\n`);
  const reports = await Promise.all([callsFile, reportFile].map((file) => readFile(file, 'utf8'))).catch(
    () => {
      throw new Error(`schemathesis ended with ${code} and without a report:\n${output}`);
    },
  );
  const [calls = '', findings = ''] = reports;
  return {
    exitCode: code,
    seconds: (performance.now() - startedAt) / 1_000,
    output,
    calls: parseCalls(calls),
    findings: parseFindings(findings),
  };
}

export const countCalls = (calls: Call[]): number => calls.reduce((sum, { count }) => sum + count, 0);
