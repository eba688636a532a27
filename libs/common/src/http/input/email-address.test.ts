import { describe, expect, test } from 'vitest';
import { characters } from '../../../../../tests/support/characters.ts';
import { cpuMs } from '../../../../../tests/support/cpu-time.ts';
import { normalizeEmail, readEmail, smtpAddress, spellingOf } from './email-address.ts';

const faultOf = (text: string) => readEmail(text).fault;
const DOMAIN = 'The part after the @-sign is not valid.';
const NO_PERIOD = `${DOMAIN} It should have a period.`;
const NUMBER = `${DOMAIN} It should be a name, not an IP address.`;
const LOCAL = 'The email address contains invalid characters before the @-sign.';
const PERIODS = 'An email address cannot have two periods in a row.';
const NO_DOMAIN = 'There must be something after the @-sign.';
const ZURICH = 'ada@zürich.example';
const longest = `${'a'.repeat(62)}.`.repeat(3);

describe('an address is compared and stored', () => {
  test.each([
    ['  Ann@Example.COM \n', 'ann@example.com'],
    ['ANN@EXAMPLE.COM', 'ann@example.com'],
    ['Jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['ÄÖ@BÜCHER.example', 'äö@bücher.example'],
    ['ada@xn--zrich-kva.example', ZURICH],
    ['ada@XN--Zrich-KVA.Example', ZURICH],
    ['ada@zu\u0308rich.example', ZURICH],
    ['ada@ｚürich.example', ZURICH],
    ['ada@ｘｎ－－zrich-kva.example', ZURICH],
    ['ada@xn--zrich-kva\u00ad.example', ZURICH],
    ['a@ｅｘａｍｐｌｅ.com', 'a@example.com'],
    ['a@𝐞𝓍𝔞𝕞𝗽𝘭𝚎.com', 'a@example.com'],
    ['a@ⓔⓧⓐⓜⓟⓛⓔ.com', 'a@example.com'],
    ['a@example。com', 'a@example.com'],
    ['a@example．com', 'a@example.com'],
    ['a@example｡com', 'a@example.com'],
    ['a@ex\u00adam\u200bple\u2060.c\ufe0fom', 'a@example.com'],
    ['a@\u212aelvin.com', 'a@kelvin.com'],
    ['a@STRAẞE.de', 'a@straße.de'],
    ['a@xn--strae-oqa.de', 'a@straße.de'],
    ['a@strasse.de', 'a@strasse.de'],
    ['a@ΣΑΣ.gr', 'a@σασ.gr'],
    ['a@σας.gr', 'a@σας.gr'],
    ['a@İstanbul.com', 'a@i\u0307stanbul.com'],
    ['a@xn--mgba3gch31f060k.com', 'a@نامه\u200cای.com'],
    ['a@ab--cd.com', 'a@ab--cd.com'],
  ])('given %j, then it is stored as %j', (text, form) => {
    expect(readEmail(text)).toEqual({ email: form });
    expect(normalizeEmail(text)).toBe(form);
  });

  test.each([
    ['before the @-sign look-alikes are other mailboxes', 'ａda@example.com', 'ada@example.com'],
    ['a dotless i is another letter', 'a@ıstanbul.com', 'a@istanbul.com'],
    ['letters of another alphabet are others', 'a@exаmple.com', 'a@example.com'],
    ['ß is no double s', 'a@straße.de', 'a@strasse.de'],
  ])('then %s', (_, one, other) => {
    expect(readEmail(one).fault).toBeUndefined();
    expect(normalizeEmail(one)).not.toBe(normalizeEmail(other));
  });

  test('given any character anywhere, then normalizing it a second time changes nothing', () => {
    for (const character of characters()) {
      const once = normalizeEmail(`x${character}y@x${character}y.example`);
      if (normalizeEmail(once) !== once)
        expect.fail(`U+${character.codePointAt(0)?.toString(16)} is not stable`);
    }
  });

  test('given text that has no stored form, then it is stored as it is spelled', () => {
    expect(normalizeEmail(' A@127.0.0.1 ')).toBe('a@127.0.0.1');
    expect(normalizeEmail('No Address')).toBe('no address');
  });
});

test('releases before this form stored the domain as it was spelled', () => {
  expect(spellingOf(' Ada@XN--Zrich-KVA.example')).toBe('ada@xn--zrich-kva.example');
  expect(spellingOf('Jose\u0301@Ｅxample.com')).toBe('jos\u00e9@ｅxample.com');
});

describe('the address that SMTP is given', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    [ZURICH, 'ada@xn--zrich-kva.example'],
    // RFC 6531: such a mailbox needs SMTPUTF8 anyway.
    ['ädä@zürich.example', 'ädä@zürich.example'],
    ['a@127.0.0.1', 'a@127.0.0.1'],
  ])('of %s is %s', (email, given) => {
    expect(smtpAddress(email)).toBe(given);
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
    'a@1.example',
    'a@1e400.com',
    `${'x'.repeat(242)}@example.com`,
    `${'x'.repeat(254 - 1 - longest.length - 3)}@${longest}com`,
  ])('given %s, then nothing is wrong', (address) => {
    expect(faultOf(address)).toBeUndefined();
  });

  test.each([
    ['', 'An email address must have an @-sign.'],
    ['nobody', 'An email address must have an @-sign.'],
    ['a＠example.com', 'An email address must have an @-sign.'],
    ['@example.com', 'There must be something before the @-sign.'],
    ['a@', NO_DOMAIN],
    ['a@\u00ad', NO_DOMAIN],
    ['.a@example.com', 'An email address cannot start with a period.'],
    ['a.@example.com', 'An email address cannot have a period immediately before the @-sign.'],
    ['a..b@example.com', PERIODS],
    ['a@example..com', PERIODS],
    ['a@example。.com', PERIODS],
    ['a@example.\u00ad.com', PERIODS],
    ['a b@example.com', LOCAL],
    ['a@b@example.com', LOCAL],
    ['a\0@example.com', LOCAL],
    ['a\ud800@example.com', LOCAL],
    ['"quoted"@example.com', LOCAL],
    ['a@localhost', NO_PERIOD],
    ['a@2130706433', NO_PERIOD],
    ['a@::1', NO_PERIOD],
    ['a@127.0.0.1', NUMBER],
    ['a@１２７.0.0.1', NUMBER],
    ['a@127。0。0。1', NUMBER],
    ['a@①②⑦.0.0.1', NUMBER],
    ['a@127.1', NUMBER],
    ['a@0x7f.1', NUMBER],
    ['a@0300.0.0.1', NUMBER],
    ['a@1.2.3.0x4', NUMBER],
    ['a@1.2.3.0X', NUMBER],
    ['a@256.256.256.256', NUMBER],
    ['a@[127.0.0.1]', DOMAIN],
    ['a@[::ffff:127.0.0.1]', DOMAIN],
    ['a@example.com.', DOMAIN],
    ['a@example.com。', DOMAIN],
    ['a@.example.com', DOMAIN],
    ['a@\u00ad.com', DOMAIN],
    ['a@-b.com', DOMAIN],
    ['a@b-.com', DOMAIN],
    ['a@\u00ad-b.com', DOMAIN],
    ['a@exa mple.com', DOMAIN],
    ['a@exa_mple.com', DOMAIN],
    ['a@exa%6dple.com', DOMAIN],
    ['a@example.com/b', DOMAIN],
    ['a@example.com／b', DOMAIN],
    ['a@b＠example.com', DOMAIN],
    ['a@example.com:25', DOMAIN],
    ['a@a℀.com', DOMAIN],
    ['a@ex\u200dample.com', DOMAIN],
    ['a@\u0301b.com', DOMAIN],
    ['a@1אב.com', DOMAIN],
    ['a@xn--a.com', DOMAIN],
    ['a@xn--.com', DOMAIN],
    ['a@xn--example-.com', DOMAIN],
    // It decodes to what maps elsewhere: a full-width letter, and `xn--a-`.
    ['a@xn--b-yq0i.com', DOMAIN],
    ['a@xn--xn--a--gua.com', DOMAIN],
    ['a@exam\ud800ple.com', DOMAIN],
    [`a@${'b'.repeat(64)}.com`, DOMAIN],
    // More than 63 octets as DNS sees them.
    [`a@${'例'.repeat(60)}.com`, DOMAIN],
    ['a@example.com\r\nbcc:b.com', DOMAIN],
  ])('given %j, then the fault is: %s', (address, fault) => {
    expect(faultOf(address)).toBe(fault);
  });

  test.each([
    [`${'x'.repeat(243)}@example.com`, '1 character'],
    [`${'x'.repeat(244)}@example.com`, '2 characters'],
    [`${'x'.repeat(245)}@zü.com`, '5 characters'],
    [`${'é'.repeat(122)}@example.com`, '2 bytes'],
    [`${'😀'.repeat(245)}@example.com`, '3 characters'],
    [`${'😀'.repeat(300)}`, '46 characters'],
  ])('given %j, then it is %s too long', (address, excess) => {
    expect(faultOf(address)).toBe(`The email address is too long (${excess} too many).`);
  });

  test('given 100 kB of any text, then the answer comes within the time limit', () => {
    const marks = `a${'\u0323'.repeat(25_000)}${'\u0301'.repeat(25_000)}`;
    const mixed = `a${'\u0301\u0323'.repeat(25_000)}`;
    const took = cpuMs(() => {
      for (const text of ['a', 'a.', '@', '!', 'é'].map((piece) => piece.repeat(100_000 / piece.length))) {
        expect(faultOf(`${text}@example.com`)).toBeDefined();
      }
      for (const text of [marks, mixed]) {
        for (const address of [`${text}@example.com`, `a@${text}.com`, text]) {
          expect(faultOf(address)).toBeDefined();
          expect(normalizeEmail(address).length).toBeLessThanOrEqual(address.length);
          spellingOf(address);
        }
      }
    });
    expect(took).toBeLessThan(500);
  });
});
