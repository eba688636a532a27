/** No message shows a value: it may be a secret. */
export class EnvFileMistake extends Error {
  override name = 'EnvFileMistake';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
