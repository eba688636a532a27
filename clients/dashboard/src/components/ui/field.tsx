import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

type Common = { label: string; hint?: ReactNode; error?: string | undefined };

export const inputLook =
  'block min-h-10 w-full rounded-md border border-edge bg-surface px-3 py-2 text-base aria-invalid:border-danger';

/** Label, input, hint and error belong together, also for who hears them. */
function Frame({ label, hint, error, id, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

const describedBy = (id: string, { hint, error }: Pick<Common, 'hint' | 'error'>) => ({
  'aria-invalid': error !== undefined || undefined,
  'aria-describedby':
    classes(error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`) || undefined,
});

export function TextField({ label, hint, error, className, ...rest }: ComponentProps<'input'> & Common) {
  const id = useId();
  return (
    <Frame {...{ label, hint, error, id }}>
      <input
        {...rest}
        id={id}
        {...describedBy(id, { hint, error })}
        className={classes(inputLook, className)}
      />
    </Frame>
  );
}

export function TextArea({ label, hint, error, className, ...rest }: ComponentProps<'textarea'> & Common) {
  const id = useId();
  return (
    <Frame {...{ label, hint, error, id }}>
      <textarea
        rows={4}
        {...rest}
        id={id}
        {...describedBy(id, { hint, error })}
        className={classes(inputLook, className)}
      />
    </Frame>
  );
}

export function SelectField({ label, hint, error, className, ...rest }: ComponentProps<'select'> & Common) {
  const id = useId();
  return (
    <Frame {...{ label, hint, error, id }}>
      <select
        {...rest}
        id={id}
        {...describedBy(id, { hint, error })}
        className={classes(inputLook, className)}
      />
    </Frame>
  );
}

export function Checkbox({ label, className, ...rest }: ComponentProps<'input'> & { label: string }) {
  return (
    <label className={classes('flex min-h-10 items-center gap-2 text-sm', className)}>
      <input {...rest} type="checkbox" className="size-5 accent-accent" />
      {label}
    </label>
  );
}
