export const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

export type LogLine = {
  level: number;
  fields?: Record<string, unknown>;
  text: string;
};

/** The prefix, level and time show these fields already, or they are always the same. */
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'pid', 'hostname', 'name', 'process', 'msg', 'v']);

/** Whether the line is one that a service's logger wrote, which is JSON by itself. */
export const isServiceLog = (line: string): boolean => line.startsWith('{"level":') && line.endsWith('}');

export function parseServiceLine(line: string): LogLine {
  const fields = parseObject(line);
  if (fields === undefined) return { level: LEVELS.info, text: line };
  const level = typeof fields.level === 'number' ? fields.level : LEVELS.info;
  return { level, fields, text: typeof fields.msg === 'string' ? fields.msg : '' };
}

/** The passwords are random, private and new at every start, but the broker does not know. */
const KNOWN = /\[WRN\] Plaintext passwords detected/;

/** It reads only the level: of mongod's JSON, or of `[INFO ...]`, `[INF]` and similar. */
export function parseEngineLine(line: string): LogLine {
  const severity =
    parseObject(line)?.s ??
    /[[\s](TRC|DBG|INF|WRN|ERR|FTL|DEBUG|INFO|WARN|WARNING|ERROR)[\]\s]/.exec(line)?.[1];
  const first = typeof severity === 'string' ? severity.charAt(0) : 'I';
  const named = { W: LEVELS.warn, E: LEVELS.error, F: LEVELS.fatal }[first] ?? LEVELS.info;
  const level = KNOWN.test(line) ? LEVELS.info : named;
  return { level, text: line };
}

export function renderText(line: LogLine, now: Date): string {
  if (line.fields === undefined) return `${clock(now)} ${levelName(line.level)} ${printable(line.text)}`;
  const { time } = line.fields;
  const at = typeof time === 'number' || typeof time === 'string' ? new Date(time) : now;
  const rest = Object.entries(line.fields).filter(([key]) => !SHOWN_ELSEWHERE.has(key));
  const parts = [line.text, ...rest.map(([key, value]) => `${key}=${renderValue(value)}`)];
  return `${clock(at)} ${levelName(line.level)} ${printable(parts.filter((part) => part !== '').join(' '))}`;
}

export function renderJson(line: LogLine, process: string, now: Date): string {
  return JSON.stringify(
    line.fields === undefined
      ? { level: line.level, time: now.getTime(), process, msg: line.text }
      : { process, ...line.fields },
  );
}

export function levelName(level: number): string {
  const [name = 'info'] = Object.entries(LEVELS).findLast(([, least]) => level >= least) ?? [];
  return name.toUpperCase().padEnd(5);
}

function renderValue(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'message' in value && 'stack' in value) {
    const type = 'type' in value ? `${value.type}: ` : '';
    return JSON.stringify(`${type}${value.message}`);
  }
  return JSON.stringify(value);
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function clock(date: Date): string {
  const valid = Number.isNaN(date.getTime()) ? new Date() : date;
  return valid.toTimeString().slice(0, 8);
}

/** A line may contain foreign text, which must not move the cursor or begin a line. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
