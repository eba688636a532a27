import { readMail, readSource } from './api.js';

const find = (selector) => document.querySelector(selector);
const tabs = [...document.querySelectorAll('[role=tab]')];
let shown;

function formatAddress({ Name, Address }) {
  return Name === '' ? Address : `${Name} <${Address}>`;
}

function showFields(mail) {
  const fields = {
    From: formatAddress(mail.From),
    To: mail.To.map(formatAddress).join(', '),
    Cc: mail.Cc.map(formatAddress).join(', '),
    Bcc: mail.Bcc.map(formatAddress).join(', '),
    'Reply to': mail.ReplyTo.map(formatAddress).join(', '),
    Date: new Date(mail.Date).toLocaleString(),
  };
  const rows = Object.entries(fields).filter(([, value]) => value !== '');
  find('#fields').replaceChildren(
    ...rows.flatMap(([name, value]) => {
      const [term, text] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      text.textContent = value;
      return [term, text];
    }),
  );
}

function showAttachments(mail) {
  const items = [...mail.Attachments, ...mail.Inline].map((part) => {
    const link = document.createElement('a');
    link.href = `api/v1/message/${mail.ID}/part/${encodeURIComponent(part.PartID)}`;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = `${part.FileName} (${Math.ceil(part.Size / 1024)} kB)`;
    const item = document.createElement('li');
    item.append(link);
    return item;
  });
  find('#attachments').replaceChildren(...items);
  find('#attachments').hidden = items.length === 0;
}

async function selectTab(name) {
  for (const tab of tabs) {
    const selected = tab.dataset.tab === name;
    tab.setAttribute('aria-selected', String(selected));
    tab.tabIndex = selected ? 0 : -1;
    find(`#${tab.dataset.tab}`).hidden = !selected;
  }
  if (name !== 'source' || find('#source').textContent !== '') return;
  const id = shown;
  const source = await readSource(id).catch(() => 'The source could not be read.');
  if (id === shown) find('#source').textContent = source;
}

/** Shows a mail, or with no id none. Answers false when the mail does not exist any more. */
export async function showMail(id) {
  shown = id;
  const mail = id === undefined ? undefined : await readMail(id);
  // Another mail was chosen while this one was on its way.
  if (shown !== id) return true;
  document.body.classList.toggle('reading', mail !== undefined);
  find('#mail').hidden = mail === undefined;
  find('#none-chosen').hidden = mail !== undefined;
  if (mail === undefined) return id === undefined;

  find('#subject').textContent = mail.Subject || '(no subject)';
  showFields(mail);
  showAttachments(mail);
  find('#text').textContent = mail.Text;
  find('#source').textContent = '';
  find('#tab-html').disabled = mail.HTML === '';
  // A replaced frame leaves no entry in the browser's history, which a changed src would.
  const frame = find('#html').cloneNode();
  if (mail.HTML === '') frame.removeAttribute('src');
  else frame.src = `view/${encodeURIComponent(id)}.html`;
  find('#html').replaceWith(frame);
  await selectTab(mail.HTML === '' ? 'text' : 'html');
  return true;
}

for (const tab of tabs) tab.addEventListener('click', () => selectTab(tab.dataset.tab));

find('.tabs').addEventListener('keydown', ({ key }) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step === undefined) return;
  const usable = tabs.filter((tab) => !tab.disabled);
  const next = usable.at((usable.indexOf(document.activeElement) + step) % usable.length);
  next.focus();
  selectTab(next.dataset.tab);
});
