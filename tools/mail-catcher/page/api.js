/** What the page asks of the server: Mailpit's API v1 and the views of a mail. */

async function ask(path, options) {
  const response = await fetch(path, { signal: AbortSignal.timeout(10_000), ...options });
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return response;
}

/** One page of mails, newest first, all or those that match. */
export async function listMails(query, limit) {
  const search = new URLSearchParams(query === '' ? { limit } : { query, limit });
  const response = await ask(`api/v1/${query === '' ? 'messages' : 'search'}?${search}`);
  return response.json();
}

/** A mail, which is marked read by this; undefined when it is gone. */
export async function readMail(id) {
  const response = await fetch(`api/v1/message/${encodeURIComponent(id)}`);
  return response.ok ? response.json() : undefined;
}

/** The raw source of a mail. */
export async function readSource(id) {
  return (await ask(`api/v1/message/${encodeURIComponent(id)}/raw`)).text();
}

/** Deletes every mail. */
export async function deleteAll() {
  // No page of another origin can send a header like this: that tells the inbox that it is us.
  await ask('api/v1/messages', { method: 'DELETE', headers: { 'X-Requested-With': 'inbox' } });
}
