import { describe, expect, test } from 'vitest';
import { readable, refused } from '../../../tests/support/env-file-cases.ts';
import { decodeEnvFile, EnvFileMistake } from './decode.ts';
import { parseEnvFile } from './parse.ts';

const read = (file: string | Uint8Array, real?: NodeJS.Dict<string>) =>
  parseEnvFile(decodeEnvFile(typeof file === 'string' ? new TextEncoder().encode(file) : file), real);

function mistakeOf(file: string | Uint8Array): EnvFileMistake {
  try {
    read(file);
  } catch (err) {
    if (err instanceof EnvFileMistake) return err;
    throw err;
  }
  throw new Error('the file was taken');
}

test.each(readable)('given $file, then A is $value', ({ file, value }) => {
  expect(read(file).A).toBe(value);
});

test.each(refused)('given %j, then line %i is named, and why', (file, line, why) => {
  const mistake = mistakeOf(file);
  expect({ line: mistake.line, message: mistake.message }).toEqual({
    line,
    message: expect.stringContaining(why),
  });
  expect(mistake.message).not.toMatch(/\n|abc|word/);
});

test('given a setting after a value of several lines, then it counts', () => {
  expect(read('A="1\n2"\nB=3 # x\nC=\'4\n\'\nD=5')).toEqual({ A: '1\n2', B: '3', C: '4\n', D: '5' });
});

test('given a reference to a variable of the shell, then it wins over the file, unless it is empty', () => {
  expect(read('B=file\nA=$B', { B: 'shell' }).A).toBe('shell');
  expect(read('B=file\nA=$B', { B: '' }).A).toBe('file');
  expect(read('A=x$B', { B: '' }).A).toBe('x');
});

describe('a file that is not UTF-8', () => {
  const text = 'ENVIRONMENT=production\n';
  const utf16 = Buffer.from(text, 'utf16le');

  test.each([
    ['with its mark', Buffer.concat([Buffer.of(0xff, 0xfe), utf16])],
    ['the other way round', Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(utf16).swap16()])],
    ['without a mark', utf16],
  ])('given UTF-16 %s, then the error names the encoding', (_, bytes) => {
    expect(mistakeOf(bytes).message).toBe('it is UTF-16; save the file as UTF-8');
  });

  test('given Latin-1, then the line is named', () => {
    const mistake = mistakeOf(Buffer.from(`A=1\r\n${text}B=gr\u00fcn\nC=3`, 'latin1'));
    expect(mistake).toMatchObject({ line: 3, message: 'it is not UTF-8; save the file as UTF-8' });
  });
});
