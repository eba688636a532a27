export type EngineSource = 'configured' | 'path' | 'embedded' | 'docker';

export type Report = {
  progress(line: string): void;
  notice(line: string): void;
};

export type ProvideOptions = {
  role: string;
  env: NodeJS.ProcessEnv;
  report: Report;
  signal?: AbortSignal | undefined;
};

export type EngineOptions = {
  /** The folder is created when missing; a configured server does not use it. */
  dataDir: string;
  /** The port is on 127.0.0.1; 0 or unset selects a free one. */
  port?: number;
  env?: NodeJS.ProcessEnv;
  report?: Report;
  /** The broker's users in its configuration syntax; without them the broker accepts everybody. */
  authorization?: string;
  onOutput?: (line: string) => void;
  /** It aborts searching, fetching and starting, but does not end a running engine. */
  signal?: AbortSignal;
};

export type ServerPlan = { kind: 'server'; source: 'configured'; describe: string; url: string };

export type ProcessPlan = {
  kind: 'process';
  source: 'path' | 'embedded' | 'docker';
  describe: string;
  url: string;
  port: number;
  file: string;
  args: string[];
  readyLine: RegExp;
  login?: EngineLogin;
};

export type EngineLogin = { args: string[]; passwordFile: string };

export type EnginePlan = ServerPlan | ProcessPlan;

export type RunningEngine = {
  url: string;
  source: EngineSource;
  pid?: number;
  stop(): Promise<void>;
};

export type Place = { dataDir: string; port: number; authorization?: string | undefined };

export type Launch = { args: string[]; url: string; readyLine: RegExp; login?: EngineLogin };

/** One source cannot provide an engine; the next one is tried. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
}
