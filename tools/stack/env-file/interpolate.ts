// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a file refers to another setting
export type LookUp = (name: string) => string | undefined;

export class ReferenceMistake extends Error {
  override name = 'ReferenceMistake';
}

const NAME = '[_a-zA-Z][_a-zA-Z0-9]*';
const PART = new RegExp(`\\$(?:(?<escaped>\\$)|(?<name>${NAME})|\\{)`);
const BRACED = new RegExp(`^(?<name>${NAME})(?:(?<operator>:?[-?+])(?<word>.*))?$`);

/** As docker compose, except for a name without a value. @throws {ReferenceMistake} for such a name */
export function interpolate(text: string, lookUp: LookUp): string {
  let result = '';
  let from = 0;
  for (;;) {
    const part = PART.exec(text.slice(from));
    if (!part) return result + text.slice(from);
    result += text.slice(from, from + part.index);
    from += part.index + part[0].length;
    const { escaped, name } = part.groups ?? {};
    if (escaped) result += '$';
    else if (name) result += known(name, lookUp);
    else {
      const end = closingBrace(text, from);
      result += braced(text.slice(from, end), lookUp);
      from = end + 1;
    }
  }
}

function braced(reference: string, lookUp: LookUp): string {
  const { name, operator, word = '' } = BRACED.exec(reference)?.groups ?? {};
  if (name === undefined) throw new ReferenceMistake(NOT_READABLE);
  if (operator === undefined) return known(name, lookUp);
  interpolate(word, () => '');
  const value = lookUp(name);
  const isThere = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  if (operator.endsWith('+')) return isThere ? interpolate(word, lookUp) : (value ?? '');
  if (isThere) return value ?? '';
  if (operator.endsWith('-')) return interpolate(word, lookUp);
  throw new ReferenceMistake(`${name} is needed, and not set`);
}

function known(name: string, lookUp: LookUp): string {
  const value = lookUp(name);
  if (value !== undefined) return value;
  throw new ReferenceMistake(
    'a $ stands before the name of a variable that is not set; write $$ for a dollar sign, or put the value in single quotes',
  );
}

const NOT_READABLE = 'what stands between ${ and } is no name of a variable with a default or without';

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
    if (text[at] !== '{') continue;
    if (text[at - 1] !== '$') throw new ReferenceMistake(NOT_READABLE);
    depth += 1;
  }
  throw new ReferenceMistake(
    'a ${ is not closed by }; write $$ for a dollar sign, or put the value in single quotes',
  );
}
