import { deleteAll, listMails } from './api.js';
import { showList } from './mail-list.js';
import { showMail } from './mail-view.js';

const PAGE_SIZE = 100;
const POLL_MS = 2000;

const find = (selector) => document.querySelector(selector);
const search = find('#search');
let limit = PAGE_SIZE;
let answer = '';
let latest = 0;

const chosen = () => location.hash.slice(1) || undefined;

function show(page, query) {
  showList(page.messages, chosen());
  document.title = page.unread > 0 ? `(${page.unread}) Mail` : 'Mail';
  find('#unread').textContent = String(page.unread);
  find('#unread').hidden = page.unread === 0;
  find('#delete-all').disabled = page.total === 0;
  find('#more').hidden = page.messages_count <= page.messages.length;
  find('#nothing').hidden = page.messages_count > 0;
  find('#nothing').textContent =
    query === '' ? 'No mail yet. It appears here by itself.' : 'No mail matches.';
}

/** Draws again only what changed, so that a selection or a scroll position outlives the polling. */
async function refresh() {
  const turn = ++latest;
  const query = search.value.trim();
  try {
    const page = await listMails(query, limit);
    if (turn !== latest) return;
    find('#trouble').hidden = true;
    const text = JSON.stringify([page, query, chosen()]);
    if (text !== answer) show(page, query);
    answer = text;
  } catch {
    if (turn === latest) find('#trouble').hidden = false;
  }
}

async function choose() {
  const exists = await showMail(chosen()).catch(() => true);
  if (!exists) location.hash = '';
  await refresh();
}

search.addEventListener('input', () => {
  limit = PAGE_SIZE;
  refresh();
});
find('#more').addEventListener('click', () => {
  limit += PAGE_SIZE;
  refresh();
});
find('#back').addEventListener('click', () => {
  location.hash = '';
});
find('#delete-all').addEventListener('click', async () => {
  if (!confirm('Delete all mails?')) return;
  await deleteAll().catch(() => undefined);
  location.hash = '';
  await refresh();
});
addEventListener('hashchange', choose);
document.addEventListener('visibilitychange', () => refresh());
setInterval(() => {
  if (!document.hidden) refresh();
}, POLL_MS);

await choose();
