/**
 * The words of the pages, at build time: `virtual:words/<page>` offers a loader per language, so that each
 * language is a file of its own, with the keys of that page and no others. A further language is one import here.
 */

import type { Plugin } from 'vite'
import en from '../src/rostra/words/en.json' with { type: 'json' }
import es from '../src/rostra/words/es.json' with { type: 'json' }

type Catalogue = Record<string, string>

/** Said with a recording, or why there is none. */
const OF_THE_END = /^(event\.(replay\.|held_preview$|reason$)|why\.(?!off_air))/

/** Said by parts of the event page that are loaded late, and bring these words along. */
const LATE: Record<string, RegExp> = {
  replay: OF_THE_END,
  share: /^event\.(close|copied|copy|link)$/,
  onward: /^event\.moved/,
  rescheduled: /^event\.(early|lasted|rescheduled)$|^door\.length_/,
  notices: /^event\.notice_/,
  taken: /^line\.taken$/,
  captions: /^happening\.captions/,
  invited: /^event\.invited$|^speak\.studio$/,
}

/** Of the line, said to whoever waits for the start. */
const OF_THOSE_HERE = /^line\.(called|draw|drawing|elsewhere|here|leave|next|safe|unlock(\.why)?)$/

/** The door says these itself. */
const OF_THE_DOOR = /^event\.(remind|report)$/

const isLate = (key: string) => Object.values(LATE).some((keys) => keys.test(key))

/** Which keys a page's script says; the door renders those of `door.` and `home.` itself. */
const PAGES: Record<string, (key: string) => boolean> = {
  event: (key) => /^(event|why|happening)\.|^speak\.unreachable$/.test(key) && !OF_THE_DOOR.test(key) && !isLate(key),
  ...Object.fromEntries(Object.entries(LATE).map(([part, keys]) => [part, (key: string) => keys.test(key)])),
  remind: (key) => key.startsWith('remind.'),
  here: (key) => OF_THOSE_HERE.test(key),
  line: (key) => key.startsWith('line.') && !OF_THOSE_HERE.test(key) && !isLate(key),
  rung: (key) => /^rung\..*\.audience$/.test(key),
  report: (key) => key.startsWith('report.'),
  backstage: (key) => !/^(error|event|happening|line|door|home|mail|remind|wrong|field)\./.test(key),
}
const CATALOGUES: Record<string, Catalogue> = { en, es, qps: disguised(en) }
const PREFIX = 'virtual:words/'

export function words(): Plugin {
  return {
    name: 'words',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null
      const [page = '', language] = id.slice(PREFIX.length + 1).split('/')
      return language ? `export default ${JSON.stringify(of(page, language))}` : loaders(page)
    },
  }
}

function loaders(page: string): string {
  const each = Object.keys(CATALOGUES).map((language) => `${language}: () => import('${PREFIX}${page}/${language}')`)
  return `export const CATALOGUES = { ${each.join(', ')} }`
}

function of(page: string, language: string): Catalogue {
  const belongs = PAGES[page]
  if (!belongs) throw new Error(`no page ${page} in words.ts`)
  return Object.fromEntries(Object.entries({ ...en, ...CATALOGUES[language] }).filter(([key]) => belongs(key)))
}

/** The pseudo-language, as `rostra/core/pseudo.py` makes it: accented, a third longer by long words, marked right to left; times stay. */
function disguised(catalogue: Catalogue): Catalogue {
  return Object.fromEntries(Object.entries(catalogue).map(([key, text]) => [key, key.startsWith('time.') ? text : disguise(text)]))
}

function disguise(text: string): string {
  const plain = 'aeiouyAEIOUYcnsz'
  const accents = 'áéíóúýÁÉÍÓÚÝçñšž'
  const accented = text.replace(/\{\w+\}|[aeiouycnsz]/gi, (found) => accents[plain.indexOf(found)] ?? found)
  const more = Math.ceil(Array.from(text).length * 0.35)
  return `\u200f${accented} ${'·on·and·on·and·on·and·on·and '.repeat(more).slice(0, more)}\u200f`
}
