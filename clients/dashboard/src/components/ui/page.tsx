import { type ReactNode, useEffect, useRef } from 'react';
import { common } from '#texts/common.ts';

let isFirst = true;

/** A page's heading. After a navigation it has the focus, so that a keyboard goes on, and a screen reader begins, there. */
export function Page({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  return (
    <>
      <title>{`${title} - ${common.product}`}</title>
      <div className="mb-6 flex flex-wrap items-center justify-between gap-3">
        <h1 ref={heading} tabIndex={-1} className="min-w-0 text-2xl font-semibold wrap-anywhere">
          {title}
        </h1>
        {actions}
      </div>
      {children}
    </>
  );
}
