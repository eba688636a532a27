import { EnvFileMistake, lineAt } from './decode.ts';

const ESCAPES: Record<string, string> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"' },
  $: '$$',
};

/** Single quotes allow only \', double ones a shell's escapes; `end` is the offset behind the quote. */
export function readQuoted(text: string, at: number, quote: "'" | '"'): { value: string; end: number } {
  let value = '';
  for (let next = at + 1; next < text.length; next += 1) {
    const char = text[next] ?? '';
    if (char === quote) return { value, end: next + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    next += 1;
    const escaped = text[next] ?? '';
    if (quote === '"' && escaped === '0') {
      throw new EnvFileMistake(
        lineAt(text, next),
        'the octal escape \\0 is read differently everywhere; leave it out',
      );
    }
    if (escaped === quote) value += quote;
    else value += (quote === '"' && ESCAPES[escaped]) || `\\${escaped}`;
  }
  throw new EnvFileMistake(lineAt(text, at), 'the quote that opens on it is never closed');
}
