const list = document.querySelector('#list');

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function formatTime(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(
    undefined,
    today ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' },
  ).format(date);
}

function makeRow(mail, chosen) {
  const recipients = [...mail.To, ...mail.Cc, ...mail.Bcc].map(({ Address }) => Address);
  const row = element('a', mail.Read ? 'row' : 'row unread', '');
  row.href = `#${mail.ID}`;
  if (mail.ID === chosen) row.setAttribute('aria-current', 'true');
  const when = element('time', 'when', formatTime(mail.Created));
  when.dateTime = mail.Created;
  row.append(
    element('span', 'who', recipients.join(', ') || 'nobody'),
    when,
    element('span', 'subject', mail.Subject || '(no subject)'),
    element('span', 'snippet', mail.Snippet),
  );
  const item = document.createElement('li');
  item.append(row);
  return item;
}

/** Shows the mails; the row that had the keyboard's focus keeps it. */
export function showList(mails, chosen) {
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : undefined;
  list.replaceChildren(...mails.map((mail) => makeRow(mail, chosen)));
  const row = [...list.querySelectorAll('a')].find(({ hash }) => hash === focused);
  row?.focus({ preventScroll: true });
}
