/** Where an engine can come from, in the order in which they are tried. */
export type EngineSource = 'configured' | 'path' | 'embedded' | 'docker';

/** Takes what a person should see while engines are looked for, fetched and started. */
export type Report = {
  /** A line that is overwritten by the next one, such as the progress of a download. */
  progress(line: string): void;
  /** A line that stays. */
  notice(line: string): void;
};

/** What a caller asks of an engine. */
export type EngineOptions = {
  /** Folder of the engine's data; made when missing. Unused when a configured server is taken. */
  dataDir: string;
  /** Port on 127.0.0.1; 0 or unset picks a free one. */
  port?: number;
  /** Read for ENGINES, QUARTET_CACHE, PATH and the servers' addresses; the process's own by default. */
  env?: NodeJS.ProcessEnv;
  report?: Report;
  /** The users of a broker of ours, as its configuration words them; without it the broker asks nobody who they are. */
  authorization?: string;
  /** Every line the engine writes, for a log file. */
  onOutput?: (line: string) => void;
  /** Gives up looking, fetching and starting. A running engine is ended with its `stop`. */
  signal?: AbortSignal;
};

/** A server that somebody else runs. */
export type ServerPlan = {
  kind: 'server';
  source: 'configured';
  describe: string;
  url: string;
};

/** A program to run as a child, which may stand for a container; started again with the same plan it comes back on the same port with the same data. */
export type ProcessPlan = {
  kind: 'process';
  source: 'path' | 'embedded' | 'docker';
  describe: string;
  url: string;
  port: number;
  file: string;
  args: string[];
  /** Found in a line of the program's output once it accepts connections. */
  readyLine: RegExp;
  /** Set for an engine that can ask for a login, which it does when these arguments come on top. */
  login?: EngineLogin;
};

/** How an engine is made to ask for a login, and the file in its data where the password is kept. */
export type EngineLogin = {
  args: string[];
  passwordFile: string;
};

export type EnginePlan = ServerPlan | ProcessPlan;

/** An engine that accepts connections at `url`. */
export type RunningEngine = {
  url: string;
  source: EngineSource;
  /** Set when the engine, or what minds its container, is a child of this process. */
  pid?: number;
  /** Ends the engine when it is ours; harmless twice, and for a configured server. */
  stop(): Promise<void>;
};

/** Where one engine that we start keeps its data and listens. */
export type Place = {
  dataDir: string;
  port: number;
  /** As {@link EngineOptions} has it. */
  authorization?: string | undefined;
};

/** How a program is started in a place. */
export type Launch = {
  args: string[];
  url: string;
  readyLine: RegExp;
  login?: EngineLogin;
};

/** One source that cannot deliver; the next one is tried. `message` is the reason, in words for a person. */
export class SourceUnavailable extends Error {
  override name = 'SourceUnavailable';
}
