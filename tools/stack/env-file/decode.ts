import { isUtf8 } from 'node:buffer';

/** The message shows no value, because it may be a secret. */
export class EnvFileMistake extends Error {
  override name = 'EnvFileMistake';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const LONE_CARRIAGE_RETURN = /\r(?!\n)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** @throws {EnvFileMistake} for characters that editors do not show and readers interpret differently */
export function decodeEnvFile(bytes: Uint8Array): string {
  if (isUtf16(bytes)) throw new EnvFileMistake(1, 'it is UTF-16; save the file as UTF-8');
  if (!isUtf8(bytes)) {
    // In UTF-8, no byte of a longer character is a line feed, so lines can be checked one by one.
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    const unreadable = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
    throw new EnvFileMistake(unreadable + 1, 'it is not UTF-8; save the file as UTF-8');
  }
  const text = new TextDecoder().decode(bytes);
  refuse(text, LONE_CARRIAGE_RETURN, 'it ends as on old Macs, with a carriage return and no line feed');
  refuse(text, CONTROL_CHARACTER, 'there is a control character in it');
  return text;
}

function isUtf16(bytes: Uint8Array): boolean {
  const mark = bytes.subarray(0, 2).join();
  return mark === '255,254' || mark === '254,255' || bytes.includes(0);
}

function refuse(text: string, what: RegExp, message: string): void {
  const at = text.search(what);
  if (at >= 0) throw new EnvFileMistake(lineAt(text, at), message);
}
