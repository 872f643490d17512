// Prints what a listener's event page loads until there is sound, script and style, gzipped, by each way to get there, and
// fails where one is above its limit: 25 kB, but for those who wait in line, and for a press before the start where live
// segments are played, which is three kB above it (docs/design-system.md). hls.js itself is loaded only by browsers that can do neither, and not counted.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const PAGES = new URL('../../src/rostra/pages/', import.meta.url)
const BUDGET_BYTES = 25_000

const OPENS = 'src/event/main.ts'
const SEGMENTS = 'src/player/live.ts'
const NATIVE = 'src/player/native.ts'
const HERE = 'src/event/here-view.ts'
const NUMBERED = 'src/event/line-view.ts'
const HEARD = 'src/event/happenings.ts'

const WAYS = [
  ['Listen on a live page', [OPENS, SEGMENTS, HEARD], BUDGET_BYTES],
  ['Listen on a live page, iPhone or iPad', [OPENS, NATIVE, HEARD], BUDGET_BYTES],
  ['Listen before the start, iPhone or iPad', [OPENS, NATIVE, HERE, HEARD], BUDGET_BYTES],
  ['Listen before the start', [OPENS, SEGMENTS, HERE, HEARD], 28_000],
  ['With a number in line, iPhone or iPad', [OPENS, NATIVE, HERE, NUMBERED, HEARD], 28_500],
  ['With a number in line', [OPENS, SEGMENTS, HERE, NUMBERED, HEARD], 31_500],
  ['Listen by hls.js, which comes besides', [OPENS, 'src/player/hls-js.ts', HEARD], BUDGET_BYTES],
  ['A recording', [OPENS, 'src/event/replay.ts', HEARD, 'src/event/recorded.ts'], BUDGET_BYTES],
]
const BESIDES = {
  'captions': ['src/event/captions.ts'],
  'a notice': ['src/event/notice-list.ts'],
  'a start that moves': ['src/event/rescheduled.ts'],
  'a link whose places are taken': ['src/event/taken.ts'],
  'a space that moves': ['src/event/onward.ts'],
}

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', PAGES), 'utf8'))

/** Every file that a part loads at once: itself, its styles, and the same of what it imports. */
function filesOf(key, seen = new Set()) {
  const entry = manifest[key]
  for (const file of [entry.file, ...(entry.css ?? [])]) seen.add(file)
  for (const imported of entry.imports ?? []) filesOf(imported, seen)
  return seen
}

/** By file, once. */
const sizes = new Map()

function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, PAGES)), { level: 9 }).length)
  return sizes.get(file)
}

/** A part, and what it imports, of which one may be what loads its words. */
const partsOf = (key) => [key, ...(manifest[key].imports ?? []).flatMap(partsOf)]

/** The words of the language that takes most; a listener loads one. The pseudo-language is for tests. */
function words(key) {
  const languages = (manifest[key].dynamicImports ?? []).filter((name) => name.startsWith('virtual:words/') && !name.endsWith('/qps'))
  return languages.map((name) => manifest[name].file).sort((a, b) => gzipped(b) - gzipped(a)).slice(0, 1)
}

/** What these parts load, each file once. */
const loadedBy = (parts) => new Set(parts.flatMap((key) => [...filesOf(key), ...partsOf(key).flatMap(words)]))

const total = (files) => [...files].reduce((bytes, file) => bytes + gzipped(file), 0)
const say = (bytes, what) => console.log(`${String(bytes).padStart(7)}  ${what}`)

const opened = loadedBy([OPENS])
const beyond = (files) => [...files].filter((file) => !opened.has(file))
for (const [what, parts, limit] of WAYS) {
  const files = loadedBy(parts)
  const bytes = total(files)
  say(bytes, `${what} (limit ${limit})`)
  if (bytes > limit) {
    console.error(`         above its limit by ${bytes - limit}`)
    process.exitCode = 1
  }
}
console.log('\nMore, with:')
for (const [what, parts] of Object.entries(BESIDES)) say(total(beyond(loadedBy(parts))), what)
console.log('\nBy file:')
for (const file of loadedBy(WAYS.flatMap(([, parts]) => parts))) say(gzipped(file), file)
