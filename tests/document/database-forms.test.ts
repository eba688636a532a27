import { describe, expect, test } from 'vitest';
import { allFiles, textOf } from './markdown.ts';

/** docs/databases.md has the reasons, under "Forms that a store may use". */
const sources = allFiles
  .filter((file) => /^(libs\/common|services\/[a-z]+)\/src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: textOf(file) }));

const filesWith = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

/** What each call of these methods is given first. */
const firstArguments = (methods: string) =>
  sources.flatMap(({ file, text }) =>
    [...text.matchAll(new RegExp(`\\.(?:${methods})\\(\\s*(\\{[^}]*\\}|\\w+)`, 'g'))].map(
      ([, argument = '']) => ({ file, argument: argument.replaceAll(/\s+/g, ' ') }),
    ),
  );

/** A variable named `filter` comes from a function beside it. */
const byIdAlone = /^(\{ _id(: [\w.]+)? \}|filter)$/;

describe('the forms in which the sources use the database', () => {
  test('given a write of one document, then it is found by its _id, and conditions are those of conditionalUpdate', () => {
    const calls = firstArguments('updateOne|replaceOne|deleteOne');
    expect(calls.length).toBeGreaterThan(4);
    expect(calls.filter(({ argument }) => !byIdAlone.test(argument))).toEqual([]);
    const named = calls.filter(({ argument }) => argument === 'filter').map(({ file }) => file);
    // The first builds the form of each engine, the second is `{ _id }` in a transaction.
    expect([...new Set(named)].toSorted()).toEqual([
      'libs/common/src/database/conditional-update.ts',
      'services/auth/src/users/unique-keys.ts',
    ]);
  });

  test('given a command that finds and changes, then no source has it', () => {
    const names = sources.flatMap(({ text }) => text.match(/\.findOneAnd\w+\(/g) ?? []);
    expect(names).toEqual([]);
  });

  test('given a write of many documents by a condition, then only the e-mails have it, for work that is rare', () => {
    expect(filesWith(/\.(updateMany|deleteMany)\(/)).toEqual(['services/notifier/src/emails/email-store.ts']);
  });

  test('given a bulk write, then only the one that puts its documents in one order has it', () => {
    expect(filesWith(/\.bulkWrite\(/)).toEqual(['libs/common/src/database/batched-writes.ts']);
  });
});
