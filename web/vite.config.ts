import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { words } from './words'

/** What a listener's page has at once and the parts that it loads late use too: one file instead of one per combination. */
const LISTENERS = /src\/(event\/(dom|moments)|words\/(words|times)|player\/(events|boxes|backoff))\.ts$/

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
      output: { codeSplitting: { groups: [{ name: 'page', test: LISTENERS }] } },
    },
  },
})
