import type { ReactNode } from 'react';

/** Search and filters over a list; side by side where there is room. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in another way
    <div
      role="group"
      aria-label={label}
      className="mb-4 flex flex-wrap items-end gap-3 max-sm:*:min-w-36 max-sm:*:first:basis-full"
    >
      {children}
    </div>
  );
}
