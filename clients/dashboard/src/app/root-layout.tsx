import { Outlet } from '@tanstack/react-router';
import { Toasts } from '#components/ui/toast.tsx';
import { common } from '#texts/common.ts';
import { AwayBanner } from './away-banner.tsx';

export function RootLayout() {
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-20 focus:rounded-md focus:bg-surface focus:px-4 focus:py-2 focus:shadow-lg"
      >
        {common.skipToContent}
      </a>
      <AwayBanner />
      <Outlet />
      <Toasts />
    </>
  );
}
