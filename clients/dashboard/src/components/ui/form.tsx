import type { ComponentProps } from 'react';
import { Notice } from './notice.tsx';

/** The browser's own bubbles are off: errors stand beside the fields. */
export function Form({ error, children, ...rest }: ComponentProps<'form'> & { error?: string | undefined }) {
  return (
    <form noValidate className="space-y-4" {...rest}>
      {error !== undefined && <Notice kind="danger">{error}</Notice>}
      {children}
    </form>
  );
}
