/** The phases in which the stack stops, first to last. */
export const STOP_ORDER = ['gateway', 'services', 'mail', 'broker', 'database'] as const;

export type Phase = (typeof STOP_ORDER)[number];

/** One process of the stack, and how to know that it is ready. */
export type ProcessSpec = {
  name: string;
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  phase: Phase;
  /** Ready is a line in its output, or an address that answers 200. */
  ready: { line: RegExp } | { url: string };
};
