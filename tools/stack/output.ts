import { styleText } from 'node:util';
import { createReport, type Report } from '../engines/index.ts';
import { LEVELS, parseEngineLine, parseServiceLine, renderJson, renderText } from './log-line.ts';
import type { Phase } from './process-spec.ts';

const COLOURS = [
  'cyan',
  'magenta',
  'yellow',
  'green',
  'blue',
  'cyanBright',
  'magentaBright',
  'yellowBright',
] as const;
const WIDTH = 9;

export type Streams = {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

/** The log stream on stdout, what is meant for a person on stderr. */
export type Output = {
  processLine(name: string, phase: Phase, line: string): void;
  /** A line of the launcher: text for a person, and JSON when stdout is no terminal. */
  say(level: keyof typeof LEVELS, msg: string, fields?: Record<string, unknown>, text?: string): void;
  report: Report;
};

export function createOutput({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Output {
  const isTerminal = stdout.isTTY === true;
  const colour = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const report = createReport(stderr);
  const seen: string[] = [];

  function prefix(name: string): string {
    if (!seen.includes(name)) seen.push(name);
    const text = `${name.padEnd(WIDTH)}|`;
    const format = COLOURS[seen.indexOf(name) % COLOURS.length] ?? 'cyan';
    return colour ? styleText(format, text, { validateStream: false }) : text;
  }

  function emphasise(level: number, text: string): string {
    if (!colour || level < LEVELS.warn) return text;
    return styleText(level >= LEVELS.error ? 'red' : 'yellow', text, { validateStream: false });
  }

  return {
    report,
    processLine(name, phase, line) {
      const isEngine = phase === 'broker' || phase === 'database';
      const parsed = isEngine ? parseEngineLine(line) : parseServiceLine(line);
      // The rest is in the engines' log files.
      if (isEngine && parsed.level < LEVELS.warn) return;
      const now = new Date();
      const rendered = isTerminal
        ? `${prefix(name)} ${emphasise(parsed.level, renderText(parsed, now))}`
        : renderJson(parsed, name, now);
      stdout.write(`${rendered}\n`);
    },
    say(level, msg, fields = {}, text = msg) {
      if (!isTerminal) {
        const line = { level: LEVELS[level], time: Date.now(), name: 'stack', msg, ...fields };
        stdout.write(`${JSON.stringify(line)}\n`);
      }
      report.notice(text);
    },
  };
}
