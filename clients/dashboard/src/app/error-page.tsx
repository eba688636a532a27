import { QuartetError } from '@quartet/client';
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Button } from '#components/ui/button.tsx';
import { Page } from '#components/ui/page.tsx';
import { textOf } from '#lib/errors.ts';
import { common } from '#texts/common.ts';
import { NotFoundPage } from './not-found-page.tsx';

export function ErrorPage({ error }: ErrorComponentProps) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  if (error instanceof QuartetError && error.status === 404) return <NotFoundPage />;
  const requestId = error instanceof QuartetError ? error.requestId : undefined;
  return (
    <Page title={common.failed}>
      <div className="space-y-4">
        <p role="alert">{textOf(error)}</p>
        {requestId !== undefined && <p className="text-sm text-muted">{common.requestId(requestId)}</p>}
        <Button
          onClick={() => {
            reset();
            void router.invalidate();
          }}
        >
          {common.retry}
        </Button>
      </div>
    </Page>
  );
}
