import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: {
    outDir: '../build/watch-page',
    emptyOutDir: true,
    // Node 20 is the oldest that serves the page; browsers of its time show it.
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The policy of the server allows files only.
    assetsInlineLimit: 0,
  },
});
