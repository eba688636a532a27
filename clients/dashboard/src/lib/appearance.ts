import { useSyncExternalStore } from 'react';
import { stored } from './stored.ts';

const KEY = 'quartet-appearance';
export const appearances = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof appearances)[number];

const listeners = new Set<() => void>();

export function appearance(): Appearance {
  const kept = stored.get(KEY);
  return appearances.find((each) => each === kept) ?? 'system';
}

export function setAppearance(wanted: Appearance): void {
  stored.set(KEY, wanted === 'system' ? undefined : wanted);
  showAppearance();
  for (const listener of listeners) listener();
}

/** `styles.css` has the colours. */
export function showAppearance(): void {
  const { dataset } = document.documentElement;
  const wanted = appearance();
  if (wanted === 'system') delete dataset.appearance;
  else dataset.appearance = wanted;
}

export const useAppearance = (): Appearance =>
  useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, appearance);
