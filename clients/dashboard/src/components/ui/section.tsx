import { type ReactNode, useId } from 'react';

/** A part of a page of settings: what it is on the left, on a narrow screen above. */
export function Section({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid gap-x-8 gap-y-4 border-t border-line py-8 first:border-t-0 first:pt-2 md:grid-cols-[18rem_minmax(0,1fr)]"
    >
      <div className="space-y-1">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {hint !== undefined && <div className="text-sm text-muted">{hint}</div>}
      </div>
      <div className="max-w-xl">{children}</div>
    </section>
  );
}
