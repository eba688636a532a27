import { describe, expect, it } from 'vitest';
import { UsageError } from '../command-line.ts';
import { parseArguments } from './arguments.ts';

const parse = (...argv: string[]) => parseArguments(argv, () => 4711);

describe('the command line', () => {
  it('defaults to 200 examples as every caller, on a stack of its own, with a new seed', () => {
    expect(parse()).toEqual({
      help: false,
      examples: 200,
      seed: 4711,
      callers: ['anonymous', 'user', 'superuser'],
      url: undefined,
      inbox: undefined,
      admin: { email: 'admin@example.com', password: 'changethis' },
    });
  });

  it('sorts the callers', () => {
    expect(parse('--caller', 'superuser', '--caller', 'user').callers).toEqual(['user', 'superuser']);
  });

  it('accepts the origin of an address, and a password with colons', () => {
    const { url, admin } = parse('--url', 'http://localhost:8000/api/v1/', '--admin', 'a@b.de:x:y');
    expect(url).toBe('http://localhost:8000');
    expect(admin).toEqual({ email: 'a@b.de', password: 'x:y' });
  });

  it.each([
    ['--examples', '0'],
    ['--examples', '1.5'],
    ['--seed', '4294967296'],
    ['--caller', 'root'],
    ['--url', 'localhost:8000'],
    ['--inbox', 'localhost:8025'],
    ['--admin', 'admin@example.com'],
    ['--exampels', '5'],
    ['5'],
  ])('refuses %s %s', (...argv) => {
    expect(() => parse(...argv)).toThrow(UsageError);
  });
});
