import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const LOOKS = {
  plain: 'border-line text-muted',
  good: 'border-good text-good',
  warning: 'border-warning text-warning',
  danger: 'border-danger text-danger',
};

export type BadgeKind = keyof typeof LOOKS;

/** A word or two about the thing beside it. */
export function Badge({ kind = 'plain', children }: { kind?: BadgeKind; children: ReactNode }) {
  return (
    <span
      className={classes(
        'inline-flex items-center rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        LOOKS[kind],
      )}
    >
      {children}
    </span>
  );
}
