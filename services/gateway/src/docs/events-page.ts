import type { AsyncApiDocument, Channel, Message } from '../async-api/document.ts';
import type { JsonSchema } from '../async-api/json-schema.ts';
import { fieldTable } from './events-page-fields.ts';
import { type Html, html, paragraphs } from './events-page-html.ts';

const DOCUMENT_PATH = '/api/v1/asyncapi.json';

type Event = { type: string; channel: Channel; message: Message; data: JsonSchema };

/** The page has no scripts; it loads only a style sheet and an icon. */
export function renderEventsPage(
  document: AsyncApiDocument,
  links: { stylesheet: string; icon?: string | undefined },
): string {
  const { info, components } = document;
  const events = eventsOf(document);
  const icon = links.icon === undefined ? [] : [html`<link rel="icon" href="${links.icon}">\n`];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} - Events</title>
${icon}<link rel="stylesheet" href="${links.stylesheet}">
</head>
<body>
<header>
<h1>${info.title} <small>Events</small></h1>
<p>Version ${info.version} · <a href="${DOCUMENT_PATH}">AsyncAPI document</a> · <a href="/docs">HTTP API</a></p>
</header>
<nav aria-label="Contents">
<ul>
${events.map(({ type }) => html`<li><a href="#${type}"><code>${type}</code></a></li>\n`)}<li><a href="#delivery">How delivery works</a></li>
<li><a href="#envelope">Headers and envelope</a></li>
</ul>
</nav>
<main>
${events.map(eventArticle)}<section id="delivery">
<h2>How delivery works</h2>
${paragraphs(info.description)}</section>
<section id="envelope">
<h2>Headers and envelope</h2>
<p>Every message has these, whatever its event.</p>
${fieldTable(components.schemas.Headers, 'Headers')}${fieldTable(components.schemas.Envelope, 'Envelope')}</section>
</main>
</body>
</html>
`.html;
}

function eventsOf({ channels, components }: AsyncApiDocument): Event[] {
  return Object.entries(channels).flatMap(([type, channel]) => {
    const message = components.messages[type];
    const data = components.schemas[type];
    return message && data ? [{ type, channel, message, data }] : [];
  });
}

function eventArticle({ type, channel, message, data }: Event): Html {
  return html`<article id="${type}">
<h2><a href="#${type}">${type}</a> <span class="version">version ${message['x-version']}</span></h2>
<p>${message.summary}</p>
<dl>
<div><dt>Made by</dt><dd>${serviceList([channel['x-producer']])}</dd></div>
<div><dt>Acted on by</dt><dd>${serviceList(channel['x-consumers'])}</dd></div>
</dl>
${fieldTable(data, 'Fields of data')}${message.examples.map(exampleFigure)}</article>
`;
}

const serviceList = (services: readonly string[]): Html[] =>
  services.length === 0
    ? [html`<span class="nobody">no service so far</span>`]
    : services.map((service) => html`<span class="service">${service}</span> `);

function exampleFigure({ headers, payload }: Message['examples'][number]): Html {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return html`<figure>
<figcaption>Example: headers and message</figcaption>
<pre tabindex="0"><code>${lines.join('')}
${JSON.stringify(payload, null, 2)}</code></pre>
</figure>
`;
}
