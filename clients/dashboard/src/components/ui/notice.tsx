import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const LOOKS = {
  info: 'border-line bg-raised',
  good: 'border-good bg-surface text-good',
  warning: 'border-warning bg-warning-surface text-warning',
  danger: 'border-danger bg-surface text-danger',
};

/** A danger is announced at once, the rest when the reader is free. */
export function Notice({ kind = 'info', children }: { kind?: keyof typeof LOOKS; children: ReactNode }) {
  return (
    <div
      role={kind === 'danger' ? 'alert' : 'status'}
      className={classes('rounded-md border px-4 py-3 text-sm', LOOKS[kind])}
    >
      {children}
    </div>
  );
}
