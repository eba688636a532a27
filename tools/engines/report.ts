import type { Report } from './types.ts';

const EVERY_MS = 2000;

export function createReport(stream: NodeJS.WriteStream | NodeJS.WritableStream = process.stderr): Report {
  const isTerminal = 'isTTY' in stream && stream.isTTY === true;
  let lastAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    progress(line) {
      if (isTerminal) {
        stream.write(`\r\u001b[2K${line}`);
        open = true;
      } else if (performance.now() - lastAt >= EVERY_MS) {
        lastAt = performance.now();
        stream.write(`${line}\n`);
      }
    },
    notice(line) {
      stream.write(open ? `\r\u001b[2K${line}\n` : `${line}\n`);
      open = false;
    },
  };
}
