import type { ReactNode } from 'react';

/** An empty list says what to do: `children` is the button for it. */
export function EmptyState({
  title,
  hint,
  children,
}: {
  title: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <div className="space-y-3 rounded-lg border border-dashed border-edge px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {hint !== undefined && <p className="text-sm text-muted">{hint}</p>}
      {children}
    </div>
  );
}
