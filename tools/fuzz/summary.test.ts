import { expect, test } from 'vitest';
import { detailsOf, findingsOf } from './fuzz-as.ts';
import { describeOutcome, summarize } from './summary.ts';

const good = { caller: 'user' as const, calls: 5031, seconds: 61.4, operations: 26, reached: 19 };

test('given findings, then they are shown with their commands, and then one line each', () => {
  const output = [
    'Schemathesis v4',
    '==== FAILURES ====',
    'Reproduce with:',
    '  curl x',
    '',
    '==== SUMMARY ====',
    'Seed',
  ];
  const details = detailsOf(output.join('\n'));
  expect(details).toBe('==== FAILURES ====\nReproduce with:\n  curl x');
  expect(describeOutcome({ ...good, details, problems: ['GET /a: Server error'] })).toBe(
    `${details}\nuser: GET /a: Server error`,
  );
});

test('given a clean run, then the summary says that', () => {
  expect(detailsOf('Schemathesis v4\n==== SUMMARY ====\n')).toBe('');
  expect(describeOutcome({ ...good, details: '', problems: [] })).toBe('user: nothing found');
});

test('given a run that schemathesis calls failed, then it is not clean, whatever its report says', () => {
  const findings = { failures: [], gaps: [] };
  expect(findingsOf({ exitCode: 0, findings })).toEqual([]);
  expect(findingsOf({ exitCode: 1, findings })).toEqual(['schemathesis ended with 1: see its warnings']);
  const failures = [{ operation: 'GET /a', title: 'Server error' }];
  expect(findingsOf({ exitCode: 1, findings: { failures, gaps: ['it stopped early'] } })).toEqual([
    'GET /a: Server error',
    'it stopped early',
  ]);
});

test('given outcomes, then the table counts per caller and ends with the count for .ci/run', () => {
  const bad = { ...good, caller: 'superuser' as const, calls: 77, problems: ['a', 'b'], details: '' };
  expect(summarize([{ ...good, problems: [], details: '' }, bad]).split('\n')).toEqual([
    'caller     calls  succeeded  findings  time',
    'user       5031   19 of 26   0         61 s',
    'superuser  77     19 of 26   2         61 s',
    '',
    'fuzz: 1 passed, 1 failed',
  ]);
});
