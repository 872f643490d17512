// Prints what a listener's event page loads (before hls.js, which is rarely needed and loaded late),
// gzipped, and fails above the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const PAGES = new URL('../../src/rostra/pages/', import.meta.url)
const BUDGET_BYTES = 25_000

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
  const languages = manifest[key].dynamicImports.filter((name) => name.startsWith('virtual:words/') && !name.endsWith('/qps'))
  return languages.map((name) => manifest[name].file).sort((a, b) => gzipped(b) - gzipped(a))[0]
}

let total = 0
for (const file of [...filesOf('src/event/main.ts'), words('src/event/main.ts')]) {
  const bytes = gzipped(file)
  total += bytes
  console.log(`${String(bytes).padStart(7)}  ${file}`)
}
console.log(`${String(total).padStart(7)}  event page, gzipped (budget ${BUDGET_BYTES})`)
if (total > BUDGET_BYTES) process.exit(1)
