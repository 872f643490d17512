// Prints what a listener's event page loads (before hls.js, which is rarely needed and loaded late), gzipped, and
// fails where a live page with somebody who listens is above the budget: what it opens with, and what comes once
// there is sound. What others load as well, who wait in line or hear a recording, is printed and not limited.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const PAGES = new URL('../../src/rostra/pages/', import.meta.url)
const BUDGET_BYTES = 25_000
const FIRST = 'src/event/main.ts'
const LISTENS = [FIRST, 'src/event/happenings.ts']
const BESIDES = {
  'a press before the start, or a wait': ['src/event/line-view.ts'],
  'captions': ['src/event/captions.ts'],
  'the players of iPhones, and of browsers that need hls.js': ['src/player/hls.ts'],
  'a recording': ['src/event/replay.ts', 'src/event/recorded.ts'],
}

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', PAGES), 'utf8'))

/** Every file that an entry loads at once: itself, its styles, and the same of what it imports. */
function filesOf(key, seen = new Set()) {
  const entry = manifest[key]
  for (const file of [entry.file, ...(entry.css ?? [])]) seen.add(file)
  for (const imported of entry.imports ?? []) filesOf(imported, seen)
  return seen
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, PAGES)), { level: 9 }).length

/** The words of the language that takes most; a listener loads one. The pseudo-language is for tests. */
function words(key) {
  const languages = (manifest[key].dynamicImports ?? []).filter((name) => name.startsWith('virtual:words/') && !name.endsWith('/qps'))
  return languages.map((name) => manifest[name].file).sort((a, b) => gzipped(b) - gzipped(a)).slice(0, 1)
}

/** What these parts load that is not loaded before, in bytes. */
function weigh(parts, before) {
  let total = 0
  for (const file of parts.flatMap((key) => [...filesOf(key), ...words(key)])) {
    if (before.has(file)) continue
    before.add(file)
    const bytes = gzipped(file)
    total += bytes
    console.log(`${String(bytes).padStart(7)}  ${file}`)
  }
  return total
}

const say = (bytes, what) => console.log(`${String(bytes).padStart(7)}  ${what}, gzipped\n`)

const loaded = new Set()
let total = 0
for (const part of LISTENS) {
  total += weigh([part], loaded)
  say(total, part === FIRST ? 'as it opens' : `once it is heard (budget ${BUDGET_BYTES})`)
}
for (const [what, parts] of Object.entries(BESIDES)) say(weigh(parts, new Set(loaded)), `more: ${what}`)
if (total > BUDGET_BYTES) process.exit(1)
