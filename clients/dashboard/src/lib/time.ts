import { useSyncExternalStore } from 'react';

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "2 minutes ago"; the clocks of browser and server differ, so that what seems to come is now. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - at.getTime()) / 1_000);
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  }
  return 'just now';
}

const full = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** "Nov 26, 2026, 9:24 AM", of the browser's time zone. */
export const inFull = (at: Date): string => full.format(at);

const TICK_MS = 15_000;

/** It changes a few times in a minute. */
export function useNow(): Date {
  useSyncExternalStore(
    (changed) => {
      const timer = setInterval(changed, TICK_MS);
      return () => clearInterval(timer);
    },
    () => Math.floor(Date.now() / TICK_MS),
  );
  return new Date();
}

/** `1 h 5 min`, as short as a table needs it. */
export function shortDuration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });

/** `9:41:55 AM`, of the browser's time zone. */
export const clockTime = (iso: string): string => clock.format(new Date(iso));
