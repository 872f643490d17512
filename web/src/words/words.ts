/** What a page says, in the language in which the door rendered it: one file of words, loaded before the page comes alive. */

import type { CATALOGUES, Catalogue, Key } from 'virtual:words/event'
import type { TimeWords } from './times'

const { dataset, dir, lang } = document.documentElement

/** For dates and numbers: as the viewer's browser writes this language, if it does (`es-MX` where the page is `es`). */
export const locale = navigator.languages.find((tag) => tag.slice(0, 2) === lang) ?? lang

/** How this language writes times: the door puts it into the page, which may say times before it has its words. */
export const timeWords = JSON.parse(document.body.dataset['times'] ?? '{}') as TimeWords

/** A number with one digit behind the point. */
export const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

let words = {} as Catalogue

/** Load words beside those that are there: the page's, or a later part's. English where the door names no language that there is. */
export async function speak(catalogues: typeof CATALOGUES): Promise<void> {
  const more = await (catalogues[dataset['words'] ?? ''] ?? catalogues['en']!)()
  words = { ...words, ...more.default } // what others learnt meanwhile stays
}

/** The sentence at `key`, with its `{name}` places filled. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? ''
    return typeof value === 'number' ? value.toLocaleString(locale) : dir === 'rtl' ? isolated(value) : value
  })
}

/** A name or a time keeps its own direction within a sentence that reads the other way (Unicode, UAX 9 §2.4). */
function isolated(text: string): string {
  return `\u2068${text}\u2069`
}

/** How many listen, in words. */
export function audience(count: number, estimated = false): string {
  if (estimated) return t('event.listeners.about', { count })
  const one = new Intl.PluralRules(locale).select(count) === 'one'
  return t(one ? 'event.listeners.one' : 'event.listeners.other', { count })
}
