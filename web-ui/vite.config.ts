import { defineConfig } from 'vite';

/** Where `vite web-ui` (development only) finds a running hub. */
const hub = 'http://127.0.0.1:8686';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome125', 'safari18', 'firefox128'],
    // The content security policy has no data: URLs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // The hub checks Host and Origin; the development server speaks for its own page.
    proxy: { '/api': { target: hub, changeOrigin: true, headers: { origin: hub } } },
  },
});
