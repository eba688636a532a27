import { execFile } from 'node:child_process';

/** How a short-lived command ended: its output, and what the system said when it could not be started or was ended. */
export type CommandResult = {
  code: number | null;
  output: string;
  /** `ENOENT` and its like when the command could not be started. */
  error?: string | undefined;
};

/** Runs a command to its end, never failing by itself; `output` is stdout and stderr. */
export function run(
  file: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; timeoutMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      {
        env: options.env ?? process.env,
        timeout: options.timeoutMs ?? 0,
        signal: options.signal,
        windowsHide: true,
      },
      (failure, stdout, stderr) => {
        const output = `${stdout}${stderr}`;
        if (failure === null) {
          resolve({ code: 0, output });
        } else if (typeof failure.code === 'number') {
          resolve({ code: failure.code, output });
        } else {
          resolve({ code: null, output, error: failure.code ?? failure.message });
        }
      },
    );
  });
}
