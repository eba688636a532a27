import { EnvFileMistake, lineAt } from './mistake.ts';

const LINE_FEED = 0x0a;
const NUL = 0;
const BYTE_ORDER_MARK = '\uFEFF';
const LONE_CARRIAGE_RETURN = /\r(?!\n)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/**
 * The text of a file of settings: UTF-8, with or without a byte order mark.
 * @throws {EnvFileMistake} for what is no such text. An editor shows none of it, and readers disagree on what it means.
 */
export function decodeEnvFile(bytes: Uint8Array): string {
  if (isUtf16(bytes)) throw new EnvFileMistake(1, 'it is UTF-16; save the file as UTF-8');
  const decoded = decodeUtf8(bytes);
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  refuse(text, LONE_CARRIAGE_RETURN, 'it ends as on old Macs, with a carriage return and no line feed');
  refuse(text, CONTROL_CHARACTER, 'there is a control character in it');
  return text;
}

function isUtf16(bytes: Uint8Array): boolean {
  const mark = bytes.subarray(0, 2).join();
  return mark === '255,254' || mark === '254,255' || bytes.includes(NUL);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decode(bytes);
  } catch {
    throw new EnvFileMistake(firstUnreadable(bytes), 'it is not UTF-8; save the file as UTF-8');
  }
}

/** No byte of a longer character is a line feed, so lines can be looked at one by one. */
function firstUnreadable(bytes: Uint8Array): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end < 0 ? bytes.length : end;
    try {
      decode(bytes.subarray(from, to));
    } catch {
      return line;
    }
    from = to + 1;
  }
  return line;
}

const decode = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

function refuse(text: string, what: RegExp, message: string): void {
  const at = text.search(what);
  if (at >= 0) throw new EnvFileMistake(lineAt(text, at), message);
}
