/** Every page's address; the signed-out ones stand in e-mails too. */
export const paths = {
  home: '/',
  logIn: '/login',
  signUp: '/signup',
  recoverPassword: '/recover-password',
  resetPassword: '/reset-password',
  verifyEmail: '/verify-email',
  undoEmailChange: '/undo-email-change',
  items: '/items',
  me: '/me',
  administration: '/administration',
} as const;
