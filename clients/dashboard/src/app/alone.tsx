import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorPage } from './error-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** For pages that have no layout around them. */
const look = 'mx-auto max-w-6xl px-4 py-6';

export function NotFoundAlone() {
  return (
    <main id="content" tabIndex={-1} className={look}>
      <NotFoundPage />
    </main>
  );
}

export function ErrorAlone(props: ErrorComponentProps) {
  return (
    <main id="content" tabIndex={-1} className={look}>
      <ErrorPage {...props} />
    </main>
  );
}
