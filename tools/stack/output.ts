import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { createReport, type Report } from '../engines/index.ts';
import { PRIVATE_FILE } from '../engines/private-file.ts';
import { joinWrites } from './joined-writes.ts';
import {
  isServiceLog,
  LEVELS,
  parseEngineLine,
  parseServiceLine,
  renderJson,
  renderText,
} from './log-line.ts';
import type { Phase } from './process-spec.ts';

const PLAIN = ['cyan', 'magenta', 'yellow', 'green', 'blue'] as const;
const COLOURS = [...PLAIN, 'cyanBright', 'magentaBright', 'yellowBright'] as const;
const WIDTH = 9;

export type Streams = {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

/** The log goes to stdout, messages for a person go to stderr. */
export type Output = {
  processLine(name: string, phase: Phase, line: string): void;
  say(level: keyof typeof LEVELS, msg: string, fields?: Record<string, unknown>, text?: string): void;
  report: Report;
};

export function createOutput({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Output {
  const isTerminal = stdout.isTTY === true;
  const colour = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const report = createReport(stderr);
  const lines = joinWrites(stdout);
  process.once('exit', lines.flush);
  const seen = new Set<string>();
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;

  function prefix(name: string): string {
    const place = [...seen.add(name)].indexOf(name);
    return paint(COLOURS[place % COLOURS.length] ?? 'cyan', `${name.padEnd(WIDTH)}|`);
  }

  function emphasise(level: number, text: string): string {
    return level < LEVELS.warn ? text : paint(level >= LEVELS.error ? 'red' : 'yellow', text);
  }

  return {
    report,
    processLine(name, phase, line) {
      const isEngine = phase === 'broker' || phase === 'database';
      if (!isTerminal && !isEngine && isServiceLog(line)) {
        // A request costs the launcher no parsing of its log line.
        lines.write(`{"process":"${name}",${line.slice(1)}\n`);
        return;
      }
      const parsed = isEngine ? parseEngineLine(line) : parseServiceLine(line);
      if (isEngine && parsed.level < LEVELS.warn) return;
      const now = new Date();
      const rendered = isTerminal
        ? `${prefix(name)} ${emphasise(parsed.level, renderText(parsed, now))}`
        : renderJson(parsed, name, now);
      lines.write(`${rendered}\n`);
    },
    say(level, msg, fields = {}, text = msg) {
      if (!isTerminal) {
        const line = { level: LEVELS[level], time: Date.now(), name: 'stack', msg, ...fields };
        lines.write(`${JSON.stringify(line)}\n`);
        lines.flush();
      }
      report.notice(text);
    },
  };
}

export type LogFile = { write(line: string): void; close(): Promise<void> };

/** The log of the former run becomes `.log.1`. */
export async function openLogFile(folder: string, name: string): Promise<LogFile> {
  const file = join(folder, `${name}.log`);
  await rename(file, `${file}.1`).catch(() => {});
  const stream = createWriteStream(file, { mode: PRIVATE_FILE });
  const lines = joinWrites(stream);
  // A full disk must not end the stack; the console has the lines too.
  stream.on('error', () => {});
  return {
    write: (line) => lines.write(`${line}\n`),
    close() {
      lines.flush();
      return new Promise((resolve) => stream.end(() => resolve()));
    },
  };
}
