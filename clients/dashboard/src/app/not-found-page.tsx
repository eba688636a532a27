import { Link } from '@tanstack/react-router';
import { buttonLook } from '#components/ui/button.tsx';
import { Page } from '#components/ui/page.tsx';
import { paths } from '#paths.ts';
import { common } from '#texts/common.ts';

export function NotFoundPage() {
  return (
    <Page title={common.notFound}>
      <p className="mb-4 text-muted">{common.notFoundHint}</p>
      <Link to={paths.items} className={buttonLook()}>
        {common.toItems}
      </Link>
    </Page>
  );
}
