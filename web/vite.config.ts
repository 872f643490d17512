import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { words } from './words'

/**
 * What several pages or parts of one share, as few files: small ones are larger, each is a question, and what only the
 * event page and its late parts share is loaded by nobody else.
 */
const SHARED = [
  { name: 'late', test: /preload-helper/ },
  { name: 'door', test: /src\/(door\/(watch|pace)|player\/http)\.ts$/ },
  { name: 'event-shared', test: /src\/(words\/(words|times)|event\/(dom|lockscreen|moments|reserved|status|views)|player\/(backoff|boxes|events))\.ts$/ },
]

/** Four entries, one per kind of page; the servers find their files through `.vite/manifest.json`. */
export default defineConfig({
  base: '/',
  plugins: [svelte(), words()],
  build: {
    outDir: '../src/rostra/pages',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        home: 'src/home/main.ts',
        event: 'src/event/main.ts',
        private: 'src/private/main.ts',
        backstage: 'src/backstage/main.ts',
      },
      output: { codeSplitting: { groups: SHARED } },
    },
  },
})
