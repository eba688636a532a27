import type { ReactNode } from 'react';
import { Page } from '#components/ui/page.tsx';
import { common } from '#texts/common.ts';

/** The frame of all pages for people who are not logged in: one narrow card. */
export function SignedOutPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main id="content" tabIndex={-1} className="mx-auto max-w-md px-4 py-12">
      <p className="mb-6 text-center text-lg font-semibold text-muted">{common.product}</p>
      <div className="rounded-lg border border-line bg-surface p-6 shadow-sm">
        <Page title={title}>
          <div className="space-y-4">{children}</div>
        </Page>
      </div>
    </main>
  );
}

export const linkLook = 'font-medium text-accent underline underline-offset-4';
