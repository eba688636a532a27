import type { StatusPublic } from '@quartet/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '#components/ui/page.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { clockTime } from '#lib/time.ts';
import { paths } from '#paths.ts';
import { common } from '#texts/common.ts';
import { overviewTexts } from '#texts/overview.ts';
import { type Sample, type StatusOverTime, useStatus } from '../api/read-status.ts';
import { Attention } from './attention.tsx';
import { Chart } from './chart.tsx';
import { WhatIsUp } from './what-is-up.tsx';
import { WhatWaits } from './what-waits.tsx';

export function OverviewPage() {
  const { data: seen } = useStatus();
  return (
    <Page
      title={overviewTexts.title}
      actions={
        <p className="text-muted text-sm tabular-nums">
          {seen && `${overviewTexts.asOf}: ${clockTime(seen.status.at)}`}
        </p>
      }
    >
      {seen ? <Overview seen={seen} /> : <Loading />}
    </Page>
  );
}

function Overview({ seen }: { seen: StatusOverTime }) {
  const { status, samples } = seen;
  return (
    <div className="space-y-6">
      <Attention status={status} />
      <div className="grid gap-4 sm:grid-cols-2">
        {status.documents.map((documents) => (
          <Count key={`${documents.service} ${documents.name}`} documents={documents} samples={samples} />
        ))}
      </div>
      <Part title={overviewTexts.waits}>
        <WhatWaits seen={seen} />
      </Part>
      <Part title={overviewTexts.up}>
        <WhatIsUp status={status} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 font-semibold text-lg">{title}</h2>
      {children}
    </section>
  );
}

/** Other services' documents have no page here. */
const pagesOf: Record<string, typeof paths.users | typeof paths.items> = {
  users: paths.users,
  items: paths.items,
};

function Count({
  documents: { service, name, count },
  samples,
}: {
  documents: StatusPublic['documents'][number];
  samples: readonly Sample[];
}) {
  const title = overviewTexts.names[name] ?? name;
  const to = pagesOf[name];
  return (
    <div className="flex items-center gap-6 rounded-lg border border-line bg-surface p-4">
      <p className="shrink-0 text-muted text-sm">
        {to ? (
          <Link to={to} className="underline underline-offset-2 hover:text-accent">
            {title}
          </Link>
        ) : (
          title
        )}
        <span className="block font-semibold text-2xl text-text tabular-nums">
          {count.toLocaleString('en')}
        </span>
      </p>
      <Chart
        name={title}
        of={`documents ${service} ${name}`}
        samples={samples}
        className="h-12! w-auto! min-w-0 grow"
      />
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label={common.loading} className="space-y-6">
      <Skeleton className="h-12" />
      <div className="grid gap-4 sm:grid-cols-2">
        <Skeleton className="h-22" />
        <Skeleton className="h-22" />
      </div>
      <Skeleton className="h-80" />
      <Skeleton className="h-56" />
    </div>
  );
}
