/** Where this tab's login is kept. */
const STORED_LOGIN = 'swagger-ui-login';

const dark = matchMedia('(prefers-color-scheme: dark)');
const followSystem = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', followSystem);
followSystem();

/**
 * Keeps the login over a reload until the tab is closed. Swagger UI's `persistAuthorization` would store the password on
 * the disk.
 */
const keepLogin = (system) => ({
  statePlugins: {
    auth: {
      wrapActions: {
        persistAuthorizationIfNeeded: () => () => {
          const logins = Object.entries(system.getSystem().authSelectors.authorized().toJS());
          const kept = logins.map(([name, { password, ...login }]) => [name, login]);
          sessionStorage.setItem(STORED_LOGIN, JSON.stringify(Object.fromEntries(kept)));
        },
      },
    },
  },
});

function restoreLogin() {
  const authorized = JSON.parse(sessionStorage.getItem(STORED_LOGIN) ?? '{}');
  ui.authActions.restoreAuthorization({ authorized });
}

/** Swagger UI shows the status text of a failed login; the API's own message says more. */
function sayWhy(response) {
  const detail = response.body?.detail;
  if (!response.ok && typeof detail === 'string') response.statusText = detail;
  return response;
}

// The login's fields are in no form.
document.addEventListener('keydown', ({ key, target }) => {
  if (key !== 'Enter' || !target.matches('.auth-container input')) return;
  target.closest('.auth-container').querySelector('.authorize').click();
});

const ui = window.SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  plugins: [keepLogin],
  responseInterceptor: sayWhy,
  onComplete: restoreLogin,
});
