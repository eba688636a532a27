import type { ComponentProps } from 'react';
import { classes } from './classes.ts';

type Kind = 'primary' | 'secondary' | 'danger' | 'quiet';

const LOOKS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent hover:opacity-90',
  secondary: 'border border-edge bg-surface hover:bg-raised',
  danger: 'bg-danger text-on-danger hover:opacity-90',
  quiet: 'hover:bg-raised',
};

/** For links that look like buttons, too. */
export const buttonLook = (kind: Kind = 'secondary', className?: string): string =>
  classes(
    'inline-flex min-h-10 items-center justify-center gap-2 rounded-md px-4 py-2 text-sm font-medium',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-busy:cursor-progress',
    LOOKS[kind],
    className,
  );

/** While it is busy, it shows `busyText`, keeps the focus, and ignores presses. */
export function Button({
  kind,
  isBusy = false,
  busyText,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ComponentProps<'button'> & { kind?: Kind; isBusy?: boolean; busyText?: string }) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      className={buttonLook(kind, className)}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy && (
        <span
          aria-hidden="true"
          className="size-4 motion-safe:animate-spin rounded-full border-2 border-current border-t-transparent"
        />
      )}
      {isBusy && busyText ? busyText : children}
    </button>
  );
}
