/**
 * The token of the link that opened this page. It leaves the address bar before anything else happens, so that it
 * stands in no history, bookmark or picture of the screen; when the page is loaded again, it is gone.
 */
export const linkToken: string | undefined = takeToken();

function takeToken(): string | undefined {
  const url = new URL(location.href);
  const token = url.searchParams.get('token') ?? undefined;
  if (token !== undefined) {
    url.searchParams.delete('token');
    history.replaceState(history.state, '', url.pathname + url.search + url.hash);
  }
  return token;
}
