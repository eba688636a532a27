import { EnvFileMistake, lineAt } from './decode.ts';
import { interpolate, type LookUp, ReferenceMistake } from './interpolate.ts';
import { readQuoted } from './quoted.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BLANKS = /[\t\r \u00a0]*/y;
const BLANK_OR_REMARK = /^[\t\r \u00a0]*(#[^\n]*)?$/;

/** As compose-go; references look at `real` first. @throws {EnvFileMistake} where python-dotenv differs */
export function parseEnvFile(text: string, real: NodeJS.Dict<string> = {}): Record<string, string> {
  const values = new Map<string, string>();
  const lookUp: LookUp = (name) => real[name] || (values.get(name) ?? real[name]);
  for (let at = nextStatement(text, 0); at < text.length; ) {
    const { name, valueAt, isSpaced } = readName(text, at);
    const { value, end } = readValue(text, valueAt, isSpaced, lookUp);
    values.set(name, value);
    at = nextStatement(text, end);
  }
  return Object.fromEntries(values);
}

function nextStatement(text: string, from: number): number {
  let at = from;
  for (;;) {
    at += /^\p{White_Space}*/u.exec(text.slice(at))?.[0].length ?? 0;
    if (text[at] !== '#') return at;
    at = endOfLine(text, at);
  }
}

function readName(text: string, at: number): { name: string; valueAt: number; isSpaced: boolean } {
  const line = text.slice(at, endOfLine(text, at));
  const separator = line.search(/[=:]/);
  // A line with a colon is YAML, which compose accepts too; a single address is not.
  const isYaml = line[separator] === ':';
  if (separator < 0 || (isYaml && /[^\t\r \u00a0]/.test(line[separator + 1] ?? ' '))) {
    throw new EnvFileMistake(lineAt(text, at), 'there is no NAME=value on it');
  }
  const name = line
    .slice(0, separator)
    .replace(/^export[\t ]+/, '')
    .replace(/[\t \u00a0]+$/, '');
  if (!NAME.test(name)) {
    throw new EnvFileMistake(lineAt(text, at), 'what stands before = is no name of letters, digits and _');
  }
  const afterSeparator = at + separator + 1;
  const valueAt = skipBlanks(text, afterSeparator);
  return { name, valueAt, isSpaced: valueAt > afterSeparator };
}

function readValue(text: string, at: number, isSpaced: boolean, lookUp: LookUp) {
  const quote = text[at];
  if (quote !== "'" && quote !== '"') {
    const end = endOfLine(text, at);
    return { value: follow(readPlain(text, at, end, isSpaced), lookUp, lineAt(text, at)), end };
  }
  const { value, end } = readQuoted(text, at, quote);
  if (!BLANK_OR_REMARK.test(text.slice(end, endOfLine(text, end)))) {
    const [opened, closed] = [lineAt(text, at), lineAt(text, end)];
    const where = opened === closed ? '' : `, which is on line ${closed}`;
    throw new EnvFileMistake(opened, `there is text behind the closing quote${where}`);
  }
  return { value: quote === '"' ? follow(value, lookUp, lineAt(text, at)) : value, end };
}

function readPlain(text: string, at: number, end: number, isSpaced: boolean): string {
  const line = text.slice(at, end);
  const value = line.split(' #', 1)[0]?.replace(/\p{White_Space}+$/u, '') ?? '';
  if ((isSpaced && line.startsWith('#')) || /\p{White_Space}#/u.test(value)) {
    const message =
      'readers disagree on whether its # begins a remark; put the value in quotes, or the remark on its own line';
    throw new EnvFileMistake(lineAt(text, at), message);
  }
  return value;
}

function follow(value: string, lookUp: LookUp, line: number): string {
  try {
    return interpolate(value, lookUp);
  } catch (err) {
    if (err instanceof ReferenceMistake) throw new EnvFileMistake(line, err.message);
    throw err;
  }
}

function skipBlanks(text: string, from: number): number {
  BLANKS.lastIndex = from;
  return from + (BLANKS.exec(text)?.[0].length ?? 0);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
