import pino from 'pino';

/** Log calls have fields first, then one fixed short message. */
export type Log = pino.Logger;

const SECRET_FIELDS = [
  'password',
  'new_password',
  'current_password',
  'hashed_password',
  'token',
  'access_token',
  'authorization',
];

/** Creates a JSON logger on standard output or `lines`; `ids` gives fields for every line it writes. */
export function createLog(
  name: string,
  level: string,
  lines?: pino.DestinationStream,
  ids?: () => Record<string, string>,
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { name },
    ...(ids ? { mixin: ids } : {}),
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  return pino(options, lines ?? collectLines(pino.destination({ fd: process.stdout.fd, sync: true })));
}

/** Returns a logger for lines that hold no field of a caller: it looks for no secrets, which takes time. */
export const withoutRedaction = (log: Log): Log => log.child({}, { redact: [] });

const COLLECT_MS = 50;
const WARN = 40;

type CollectedLines = pino.DestinationStream & {
  [pino.symbols.needsMetadataGsym]: true;
  lastLevel: number;
  flushSync(): void;
};

/** A system call costs more than a line, so lines below a warning wait for some milliseconds. */
function collectLines(destination: pino.DestinationStream): CollectedLines {
  let collected = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const lines = collected;
    collected = '';
    if (lines !== '') destination.write(lines);
  };
  process.once('exit', flush);
  return {
    // With this, pino sets `lastLevel` before it writes a line.
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    flushSync: flush,
    write(line) {
      collected += line;
      if (this.lastLevel >= WARN) flush();
      else timer ??= setTimeout(flush, COLLECT_MS);
    },
  };
}
