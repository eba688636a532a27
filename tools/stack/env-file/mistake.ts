/** What is wrong with a file of settings, and on which line. No message shows a value: it may be a secret. */
export class EnvFileMistake extends Error {
  override name = 'EnvFileMistake';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The line, counted from 1, on which an offset of a text lies. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
