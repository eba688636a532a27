import type { JsonSchema } from '../async-api/json-schema.ts';
import { type Html, html } from './events-page-html.ts';

type Schema = JsonSchema | boolean | undefined;

export function fieldTable(schema: JsonSchema, caption: string): Html {
  return html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rowsOf(schema, '')}</tbody>
</table>
`;
}

function rowsOf(schema: JsonSchema, path: string): Html[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const described = typeof field === 'boolean' ? {} : field;
    const presence = schema.required?.includes(name)
      ? html`<span class="required">required</span>`
      : html`<span class="optional">optional</span>`;
    const row = html`<tr>
<th scope="row"><code>${path}${name}</code> ${presence}</th>
<td><code>${typeText(field)}</code>${limitsOf(described)}</td>
<td>${described.description ?? ''}</td>
</tr>
`;
    return [row, ...rowsOf(described, `${path}${name}.`), ...itemRows(described.items, `${path}${name}[].`)];
  });
}

const itemRows = (items: JsonSchema['items'], path: string): Html[] =>
  typeof items === 'object' && !Array.isArray(items) ? rowsOf(items, path) : [];

function typeText(schema: Schema): string {
  if (typeof schema !== 'object') return 'anything';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map(typeText).join(' | ');
  if (schema.type === 'array') {
    const items = Array.isArray(schema.items) ? undefined : typeText(schema.items);
    return items?.includes(' | ') ? `(${items})[]` : `${items ?? 'anything'}[]`;
  }
  return [schema.type ?? 'anything'].flat().join(' | ');
}

function limitsOf(schema: JsonSchema): Html[] {
  const { format, pattern, minLength, maxLength, minimum, maximum, minItems, maxItems } = schema;
  // A format's pattern is long and says no more than its name.
  const limits = { format, pattern: format === undefined ? pattern : undefined };
  const sizes = { minLength, maxLength, minimum, maximum, minItems, maxItems };
  return Object.entries({ ...limits, ...sizes }).flatMap(([name, value]) =>
    value === undefined ? [] : [html` <span class="limit">${name} <code>${value}</code></span>`],
  );
}
