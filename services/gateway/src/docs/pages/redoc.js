const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const MONOSPACE = 'ui-monospace, Menlo, Consolas, "Liberation Mono", monospace';

const options = {
  // For the styles that Redoc puts into the page. From the element itself its script reads an empty one.
  nonce: document.querySelector('link[nonce]').nonce,
  // What services say of themselves is text, whatever HTML stands in it.
  sanitize: true,
  expandResponses: '200,201',
  schemaDefinitionsTagName: 'Schemas',
  theme: {
    colors: { primary: { main: '#4f5bd5' } },
    spacing: { sectionVertical: 24 },
    typography: { fontFamily: FONT, headings: { fontFamily: FONT }, code: { fontFamily: MONOSPACE } },
  },
};

window.Redoc.init('/api/v1/openapi.json', options, document.querySelector('#redoc'));
