import { expect, test } from 'vitest';
import { hasFilter, KEPT_SECONDS, sharedFilter } from './consumer-filter.ts';

const NOW = 1_800_000_000;

test('given no consumer, when a process makes it, then it has the subjects of that process', () => {
  expect(sharedFilter(['b', 'a'], {}, NOW).filter_subjects).toEqual(['a', 'b']);
});

test('given a consumer of an earlier release without times, then its subjects stay for a day', () => {
  const first = sharedFilter(['a'], { filter_subjects: ['a', 'old'] }, NOW);
  expect(first.filter_subjects).toEqual(['a', 'old']);
  expect(sharedFilter(['a'], first, NOW + KEPT_SECONDS - 1).filter_subjects).toEqual(['a', 'old']);
  expect(sharedFilter(['a'], first, NOW + KEPT_SECONDS).filter_subjects).toEqual(['a']);
});

test('given one subject that the broker keeps as plain text, then it is not lost', () => {
  expect(sharedFilter(['a'], { filter_subject: 'b' }, NOW).filter_subjects).toEqual(['a', 'b']);
});

test('given a process that still runs, then its subjects never leave the filter', () => {
  let stored = sharedFilter(['new', 'a'], {}, NOW);
  for (let hour = 1; hour <= 48; hour += 1) {
    const now = NOW + hour * 3600;
    stored = sharedFilter(['new', 'a'], stored, now);
    expect(sharedFilter(['a'], stored, now).filter_subjects).toEqual(['a', 'new']);
  }
});

test('given no change, then a consumer has its filter already, and after an hour its times are renewed', () => {
  const stored = sharedFilter(['a'], {}, NOW);
  expect(hasFilter(stored, sharedFilter(['a'], stored, NOW + 60))).toBe(true);
  expect(hasFilter(stored, sharedFilter(['a', 'b'], stored, NOW + 60))).toBe(false);
  expect(hasFilter(stored, sharedFilter(['a'], stored, NOW + 3600))).toBe(false);
});

test('given foreign or unreadable metadata, then it is kept and read as no times', () => {
  const stored = { filter_subjects: ['a'], metadata: { 'quartet-handled-at': '{', team: 'x' } };
  const filter = sharedFilter(['a'], stored, NOW);
  expect(filter.metadata).toEqual({ team: 'x', 'quartet-handled-at': `{"a":${NOW}}` });
});

test('given a stored wildcard or a time to come, then neither stays: it would overlap, or never end', () => {
  const stored = {
    filter_subjects: ['user.*', 'replay.>', 'old'],
    metadata: { 'quartet-handled-at': JSON.stringify({ old: NOW + 9_000_000 }) },
  };
  const filter = sharedFilter(['user.deleted'], stored, NOW);
  expect(filter.filter_subjects).toEqual(['old', 'user.deleted']);
  expect(sharedFilter(['user.deleted'], filter, NOW + KEPT_SECONDS).filter_subjects).toEqual([
    'user.deleted',
  ]);
});
