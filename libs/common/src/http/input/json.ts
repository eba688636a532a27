const MAX_DEPTH = 32;

const SPACE = /[\t\n\r ]*/y;
const STRING = /"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** `position` is a UTF-16 index; `error` has Python's words. */
export type JsonFault = { position: number; error: string };

/** Parses JSON (RFC 8259) of at most 32 nested levels, or says what is wrong with the text. */
export function parseJson(text: string): { value: unknown } | { fault: JsonFault } {
  try {
    const value: unknown = JSON.parse(text);
    const fault = isDeep(value, MAX_DEPTH) ? findFault(text) : undefined;
    return fault ? { fault } : { value };
  } catch {
    // V8 gives a position only for some mistakes.
    return { fault: findFault(text) ?? { position: 0, error: 'Expecting value' } };
  }
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'comma';

const WORDS: Record<Expected, string> = {
  value: 'Expecting value',
  'first-value': 'Expecting value',
  key: 'Expecting property name enclosed in double quotes',
  'first-key': 'Expecting property name enclosed in double quotes',
  colon: "Expecting ':' delimiter",
  comma: "Expecting ',' delimiter",
};

function findFault(text: string): JsonFault | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = skip(SPACE, text, 0) ?? 0;
  for (; open.length > 0 || expected !== 'comma'; at = skip(SPACE, text, at) ?? at) {
    const fault = (): JsonFault => ({ position: at, error: WORDS[expected] });
    const char = text[at] ?? '';
    const closer = open.at(-1);
    if (char === closer && ['comma', 'first-key', 'first-value'].includes(expected)) {
      open.pop();
      expected = 'comma';
      at += 1;
    } else if (expected === 'comma' || expected === 'colon') {
      if (char !== (expected === 'comma' ? ',' : ':')) return fault();
      expected = expected === 'colon' || closer === ']' ? 'value' : 'key';
      at += 1;
    } else if (expected === 'key' || expected === 'first-key') {
      const end = skip(STRING, text, at);
      if (end === undefined) return fault();
      expected = 'colon';
      at = end;
    } else if (char === '{' || char === '[') {
      if (open.length === MAX_DEPTH) return { position: at, error: `Nested deeper than ${MAX_DEPTH} levels` };
      open.push(char === '{' ? '}' : ']');
      expected = char === '{' ? 'first-key' : 'first-value';
      at += 1;
    } else {
      const end = skip(STRING, text, at) ?? skip(SCALAR, text, at);
      if (end === undefined) return fault();
      expected = 'comma';
      at = end;
    }
  }
  return at < text.length ? { position: at, error: 'Extra data' } : undefined;
}

function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
