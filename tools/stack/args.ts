import { readOptions, UsageError, wholeNumber } from '../command-line.ts';
import { DEFAULT_PORT } from './ports.ts';

const MOST_ITEMS = 16;
const LONGEST_RESTART_MS = 60_000;

export const usage = `Usage: npm start -- [options]

Starts database, broker, mail catcher and all services, and stops them all with Ctrl-C.

  --items N     how many items processes the gateway spreads over, 1 to ${MOST_ITEMS} (1)
  --fresh       empty the data first
  --port PORT   port of the gateway; all other ports move along (${DEFAULT_PORT})
  --data DIR    folder of data and logs (.data)
  --env FILE    settings in place of .env
  --restart MS  pause before a process that died is started again (500, growing to 30000)
  --help        this text

Settings come from the environment and from .env (see .env.example); none is needed.
Exit code: 0 after SIGTERM or SIGHUP, 130 after Ctrl-C, 1 when the stack cannot run, 2 for a wrong command line.`;

export type StackOptions = ReturnType<typeof parseArguments>;

export function parseArguments(argv: string[]) {
  const { items, port, restart, ...asked } = readOptions(argv, {
    items: { type: 'string', default: '1' },
    fresh: { type: 'boolean', default: false },
    port: { type: 'string', default: String(DEFAULT_PORT) },
    data: { type: 'string', default: '.data' },
    env: { type: 'string' },
    restart: { type: 'string' },
  });
  if (asked.data === '') throw new UsageError('--data needs a folder');
  return {
    ...asked,
    items: wholeNumber('--items', items, 1, MOST_ITEMS),
    port: wholeNumber('--port', port, 1, 65_535),
    restartMs: restart === undefined ? undefined : wholeNumber('--restart', restart, 0, LONGEST_RESTART_MS),
  };
}
