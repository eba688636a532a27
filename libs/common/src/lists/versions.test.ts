import { describe, expect, test } from 'vitest';
import { keptVersions, settledTime, type Versioned, versionAt, writeTime } from './versions.ts';

type Titled = Versioned<{ title: string; updated_at: Date }>;

const BEGAN = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(BEGAN + seconds * 1_000);

const write = (document: Titled, title: string, now: Date): Titled => {
  const { updated_at, title: before } = document;
  return {
    ...document,
    title,
    updated_at: now,
    earlier: keptVersions(document, { title: before, updated_at }, now),
  };
};

const created = (seconds: number): Titled => ({
  title: 'created',
  created_at: at(seconds),
  updated_at: at(seconds),
});

describe('what a document was sorted by', () => {
  test('given writes at any pace for an hour, then each reading of the last quarter finds the version of its time', () => {
    let document = created(0);
    const history: Titled[] = [document];
    let seconds = 0;
    for (let n = 0; seconds < 3_600; n += 1) {
      // Bursts of 100 writes within a second, pauses of up to 40 s.
      seconds += n % 120 < 100 ? 0.01 : (n * 7) % 40;
      document = write(document, `title ${n}`, at(seconds));
      history.push(document);
      for (const age of [0, 1, 20, 300, 880]) {
        const settled = settledTime(at(seconds - age));
        const then = history.findLast(({ updated_at }) => updated_at < settled) ?? history[0];
        expect(versionAt(document, settled).title).toBe(then?.title);
      }
      expect(document.earlier?.length).toBeLessThan(95);
    }
  });

  test('given a document that is younger than a reading, then it keeps the place of its creation', () => {
    const settled = settledTime(at(1_000));
    let document = created(1_001);
    for (let n = 0; n < 500; n += 1) {
      document = write(document, `title ${n}`, at(1_001 + n));
      expect(versionAt(document, settled).title).toBe('created');
    }
  });

  test('given a document that nobody wrote for long, then a write keeps only what it replaces', () => {
    const once = write(write(created(0), 'second', at(5_000)), 'third', at(90_000));
    expect(once.earlier).toEqual([{ title: 'second', updated_at: at(5_000) }]);
  });

  test('given a replica whose clock is behind, then a write is no older than what it replaces', () => {
    expect(writeTime(created(10), at(9))).toEqual(at(10));
    expect(writeTime(created(10), at(11))).toEqual(at(11));
  });

  test('given a moment, then a reading looks at the documents of 5 to 15 seconds before', () => {
    expect(settledTime(at(15))).toEqual(at(10));
    expect(settledTime(at(24.999))).toEqual(at(10));
  });
});
