import { describe, expect, test } from 'vitest';
import { cpuMs } from '../../../../tests/support/cpu-time.ts';
import { emailFault, normalizeEmail } from './email-address.ts';

describe('normalizing an address', () => {
  test.each([
    ['  Ann@Example.COM \n', 'ann@example.com'],
    ['ANN@EXAMPLE.COM', 'ann@example.com'],
    ['Jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['ÄÖ@BÜCHER.example', 'äö@bücher.example'],
  ])('given %j, then it is compared as %j', (text, normal) => {
    expect(normalizeEmail(text)).toBe(normal);
  });

  test('given any character, then normalizing twice changes nothing more', () => {
    for (let code = 0; code < 0x11_0000; code += 1) {
      const once = normalizeEmail(`x${String.fromCodePoint(code)}y@example.com`);
      if (normalizeEmail(once) !== once) expect.fail(`U+${code.toString(16)} is not stable`);
    }
  });
});

describe('what is wrong with an address', () => {
  test.each([
    'a@example.com',
    'first.last+tag@sub.example.co',
    "o'brien!#$%&*/=?^_`{|}~-@example.com",
    'ändern@bücher.example',
    '用户@例子.公司',
    'a@xn--bcher-kva.example',
    `${'x'.repeat(243)}@example.com`,
  ])('given %s, then nothing', (address) => {
    expect(emailFault(address)).toBeUndefined();
  });

  test.each([
    ['', 'An email address must have an @-sign.'],
    ['nobody', 'An email address must have an @-sign.'],
    ['@example.com', 'There must be something before the @-sign.'],
    ['a@', 'There must be something after the @-sign.'],
    [`${'x'.repeat(244)}@example.com`, 'The email address is too long (1 character too many).'],
    [`${'😀'.repeat(245)}@example.com`, 'The email address is too long (2 characters too many).'],
    ['.a@example.com', 'An email address cannot start with a period.'],
    ['a.@example.com', 'An email address cannot have a period immediately before the @-sign.'],
    ['a..b@example.com', 'An email address cannot have two periods in a row.'],
    ['a@example..com', 'An email address cannot have two periods in a row.'],
    ['a b@example.com', 'The email address contains invalid characters before the @-sign.'],
    ['a@b@example.com', 'The email address contains invalid characters before the @-sign.'],
    ['a\0@example.com', 'The email address contains invalid characters before the @-sign.'],
    ['a\ud800@example.com', 'The email address contains invalid characters before the @-sign.'],
    ['"quoted"@example.com', 'The email address contains invalid characters before the @-sign.'],
    ['a@localhost', 'The part after the @-sign is not valid. It should have a period.'],
    ['a@[127.0.0.1]', 'The part after the @-sign is not valid.'],
    ['a@-b.com', 'The part after the @-sign is not valid.'],
    ['a@b-.com', 'The part after the @-sign is not valid.'],
    ['a@exa mple.com', 'The part after the @-sign is not valid.'],
    ['a@example.com.', 'The part after the @-sign is not valid.'],
    [`a@${'b'.repeat(64)}.com`, 'The part after the @-sign is not valid.'],
    ['a@example.com\r\nbcc:b.com', 'The part after the @-sign is not valid.'],
  ])('given %j, then: %s', (address, fault) => {
    expect(emailFault(address)).toBe(fault);
  });

  test('given 100 kB of anything, then the answer is there at once', () => {
    const took = cpuMs(() => {
      for (const piece of ['a', 'a.', '@', '!', 'é']) {
        expect(emailFault(`${piece.repeat(100_000 / piece.length)}@example.com`)).toBeDefined();
      }
    });
    expect(took).toBeLessThan(500);
  });
});
