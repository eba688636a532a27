export const STOP_ORDER = ['gateway', 'services', 'mail', 'broker', 'database'] as const;

export type Phase = (typeof STOP_ORDER)[number];

export type ProcessSpec = {
  name: string;
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  phase: Phase;
  /** A process is ready after a line of output, or when an address answers 200. */
  ready: { line: RegExp } | { url: string };
};
