/** In the order in which they are tried. */
export type EngineSource = 'configured' | 'path' | 'embedded' | 'docker';

export type Report = {
  /** A line that the next one overwrites, such as the progress of a download. */
  progress(line: string): void;
  notice(line: string): void;
};

/** What a source needs to fetch an engine; `role` is for messages. */
export type ProvideOptions = {
  role: string;
  env: NodeJS.ProcessEnv;
  report: Report;
  signal?: AbortSignal | undefined;
};

export type EngineOptions = {
  /** Made when missing; unused for a configured server. */
  dataDir: string;
  /** Port on 127.0.0.1; 0 or unset picks a free one. */
  port?: number;
  /** Read for ENGINES, QUARTET_CACHE, PATH and the servers' addresses; the process's own by default. */
  env?: NodeJS.ProcessEnv;
  report?: Report;
  /** The users of our own broker, in its configuration's syntax; without it the broker accepts everybody. */
  authorization?: string;
  onOutput?: (line: string) => void;
  /** Ends searching, fetching and starting. A running engine is ended with its `stop`. */
  signal?: AbortSignal;
};

export type ServerPlan = { kind: 'server'; source: 'configured'; describe: string; url: string };

/** A program to run as a child, perhaps for a container; started again it has the same port and data. */
export type ProcessPlan = {
  kind: 'process';
  source: 'path' | 'embedded' | 'docker';
  describe: string;
  url: string;
  port: number;
  file: string;
  args: string[];
  /** Matches a line of output once the program accepts connections. */
  readyLine: RegExp;
  /** Set for an engine that asks for a login when these arguments are added. */
  login?: EngineLogin;
};

export type EngineLogin = { args: string[]; passwordFile: string };

export type EnginePlan = ServerPlan | ProcessPlan;

export type RunningEngine = {
  url: string;
  source: EngineSource;
  /** Set when the engine, or its container's process, is a child of this process. */
  pid?: number;
  /** Does nothing the second time, and for a configured server. */
  stop(): Promise<void>;
};

export type Place = { dataDir: string; port: number; authorization?: string | undefined };

export type Launch = { args: string[]; url: string; readyLine: RegExp; login?: EngineLogin };

/** One source that cannot deliver, with the reason; the next one is tried. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
}
