// First: it takes the token out of the address bar.
import '#lib/link-token.ts';
import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { showAppearance } from '#lib/appearance.ts';
import { queryClient } from '#lib/query-client.ts';
import { onSignedOut } from '#lib/session.ts';
import { router } from './router.ts';

showAppearance();
// The guards lead to the login.
onSignedOut(() => void router.invalidate());

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
