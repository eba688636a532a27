import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';

/** The stack that `npm run dashboard` talks to. */
const API = process.env.API ?? 'http://localhost:8000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), compressed()],
  build: {
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: true,
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    // The API sees the page's own origin as its host, or it would refuse to refresh the session.
    proxy: Object.fromEntries(['/api', '/docs', '/redoc'].map((path) => [path, { target: API }])),
  },
});
