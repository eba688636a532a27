const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const MONOSPACE = 'ui-monospace, Menlo, Consolas, "Liberation Mono", monospace';

const options = {
  // Redoc's styles need the nonce, and a script reads it from the element as an empty text.
  nonce: document.querySelector('link[nonce]').nonce,
  // Texts of services are never HTML.
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
