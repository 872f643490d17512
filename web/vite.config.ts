import { svelte } from '@sveltejs/vite-plugin-svelte'
import { minify } from 'terser'
import { defineConfig, type Plugin } from 'vite'
import { words } from './words'

/**
 * What several pages or parts of one share, as few files: small ones are larger, and each is a question. The event page is
 * one file with all that it loads at once, for words said twice cost little in one; its late parts take from there what they
 * share with it. What they share among themselves alone has to stay out of it.
 */
const SHARED = [
  { name: 'door', test: /preload-helper|src\/(door\/(watch|pace)|player\/http)\.ts$/ },
  {
    name: 'event-page',
    test: /src\/(words\/(words|times)|event\/(main|dom|elsewhere|floor|house|listening|lockscreen|moments|notices|remembered|reserved|room|rungs|scene|sentences|silence|starts|status|views)|player\/(backoff|events|id3|media-source|rates))\.ts$/,
  },
]

/** In place of Vite's: a late part waits for its styles (`files`), and what was not reached is asked for again. It is small. */
const LATE = `
const loading = {}
const style = (file) => loading[file] ??= new Promise((done, failed) => {
  if (document.querySelector('link[href$="' + file + '"]')) return done()
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = '/' + file
  link.onload = done
  link.onerror = () => (delete loading[file], link.remove(), failed(Error(file)))
  document.head.append(link)
})
export const __vitePreload = (load, files = []) => Promise.all(files.map(style)).then(load)
`
/** What stands in the place of `await import(…)`: the part is taken apart and put together again, and no styles are waited for. */
const TAKEN_APART = /async\(\)=>\{let\{[^}]*\}=await (import\(`[^`]+`\));return\{[^}]*\}\}/g
const WITHOUT_STYLES = /\b([\w$]+)\(\(\)=>(import\(`[^`]+`\)),\[\]\)/g
/** Vite lists the styles of all parts before a page, and says by number which one waits for: shorter, each names its own, less what its page begins with. */
const LISTED = /^const __vite__mapDeps=.*?m\.f=(\[.*?\]).*\n/
const NUMBERED = /__vite__mapDeps\((\[[\d,]*\])\)/g

function named(code: string, begun: Set<string>): string {
  const listed = LISTED.exec(code)
  if (!listed) return code
  const files = JSON.parse(listed[1]!) as string[]
  const own = (numbers: number[]) => numbers.map((each) => files[each]!).filter((file) => !begun.has(file))
  return code.replace(LISTED, '').replace(NUMBERED, (_, numbers: string) => JSON.stringify(own(JSON.parse(numbers) as number[])))
}

/** A late part that waits for no styles, and takes what waits for them from nowhere. */
function unstyled(code: string): string {
  const waits = new Set<string>()
  let free = code.replace(WITHOUT_STYLES, (_, name: string, part: string) => (waits.add(name), part))
  for (const name of [...waits].map((each) => each.replaceAll('$', '\\$'))) {
    if (new RegExp(`(?<![\\w$])${name}\\(\\(\\)=>import\\(`).test(free)) continue
    free = free.replace(new RegExp(`(import\\{(?:[^}]*,)?)[\\w$]+ as ${name}(?![\\w$]),?`), '$1')
  }
  return free.replace(/import\{\}from\s*["`][^"`]+["`];/g, '')
}

/** Once more, by another, which takes a little more off (`npm run size`). What is large is loaded late and by few: not worth its time. No code here asks a function how many arguments it takes, or makes an object of one. */
async function smaller(code: string): Promise<string> {
  return (await minify(code, { module: true, ecma: 2020, compress: { passes: 3, keep_fargs: false, unsafe_arrows: true } })).code ?? code
}

const LARGE_BYTES = 100_000

/** Of Lightning CSS (`Features.LightDark`), which writes two properties for it into every style sheet: none here says `light-dark()`. */
const LIGHT_DARK = 1 << 20

const late: Plugin = {
  name: 'late',
  enforce: 'pre',
  load: { filter: { id: /preload-helper/ }, handler: () => LATE },
  generateBundle: {
    order: 'post',
    async handler(_, files) {
      const begun = new Set(Object.values(files).flatMap((file) => (file.type === 'chunk' && file.isEntry ? [...(file.viteMetadata?.importedCss ?? [])] : [])))
      for (const file of Object.values(files)) {
        if (file.type !== 'chunk') continue
        file.code = unstyled(named(file.code.replace(TAKEN_APART, '()=>$1'), begun))
        if (file.code.length < LARGE_BYTES) file.code = await smaller(file.code)
      }
    },
  },
}

/** A page that loads what begins another would begin that one too: the build fails. Such a module is asked for by a query of its own (`moments?backstage`). */
const apart: Plugin = {
  name: 'apart',
  generateBundle(_, files) {
    const begins = (file: string) => {
      const chunk = files[file]
      return chunk?.type === 'chunk' && chunk.isEntry
    }
    const loadedBy = (file: string, seen = new Set<string>()) => {
      const chunk = files[file]
      for (const imported of chunk?.type === 'chunk' ? chunk.imports : []) {
        if (!seen.has(imported)) loadedBy(imported, seen.add(imported))
      }
      return seen
    }
    for (const page of Object.keys(files).filter(begins)) {
      const others = [...loadedBy(page)].filter(begins)
      if (others.length) this.error(`${page} would begin ${others.join(', ')}: it imports a module that is kept there`)
    }
  },
}

/** Four entries, one per kind of page; the servers find their files through `.vite/manifest.json`. */
export default defineConfig({
  base: '/',
  plugins: [late, apart, svelte(), words()],
  css: { lightningcss: { exclude: LIGHT_DARK } },
  build: {
    outDir: '../src/rostra/pages',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: {
        home: 'src/home/main.ts',
        event: 'src/event/main.ts',
        private: 'src/private/main.ts',
        backstage: 'src/backstage/main.ts',
      },
      output: {
        codeSplitting: { groups: SHARED },
        // Each file has in it the names of those that it loads: a letter less, and in hex, which zips better.
        hashCharacters: 'hex',
        chunkFileNames: 'assets/[name]-[hash:7].js',
        entryFileNames: 'assets/[name]-[hash:7].js',
        assetFileNames: 'assets/[name]-[hash:7][extname]',
      },
    },
  },
})
