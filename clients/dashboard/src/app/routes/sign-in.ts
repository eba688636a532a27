import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { hasSession } from '#lib/session.ts';
import { paths } from '#paths.ts';
import { rootRoute } from './base.ts';

/** Of this page only: an address of another origin would lead a person away after the login. */
const nextOf = ({ next }: Record<string, unknown>): { next?: string } =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {};

async function leaveWhenSignedIn(next: string | undefined): Promise<void> {
  if (await hasSession()) throw redirect({ href: next ?? paths.home, replace: true });
}

const logInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.logIn,
  validateSearch: nextOf,
  beforeLoad: ({ search: { next } }) => leaveWhenSignedIn(next),
  component: lazyRouteComponent(() => import('#features/sign-in/components/log-in-page.tsx'), 'LogInPage'),
});

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.signUp,
  beforeLoad: () => leaveWhenSignedIn(undefined),
  component: lazyRouteComponent(() => import('#features/sign-in/components/sign-up-page.tsx'), 'SignUpPage'),
});

const recoverPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.recoverPassword,
  component: lazyRouteComponent(
    () => import('#features/sign-in/components/recover-password-page.tsx'),
    'RecoverPasswordPage',
  ),
});

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.resetPassword,
  component: lazyRouteComponent(
    () => import('#features/sign-in/components/reset-password-page.tsx'),
    'ResetPasswordPage',
  ),
});

const verifyEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.verifyEmail,
  component: lazyRouteComponent(
    () => import('#features/sign-in/components/verify-email-page.tsx'),
    'VerifyEmailPage',
  ),
});

const undoEmailChangeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.undoEmailChange,
  component: lazyRouteComponent(
    () => import('#features/sign-in/components/undo-email-change-page.tsx'),
    'UndoEmailChangePage',
  ),
});

export const signInRoutes = [
  logInRoute,
  signUpRoute,
  recoverPasswordRoute,
  resetPasswordRoute,
  verifyEmailRoute,
  undoEmailChangeRoute,
] as const;
