/** The words of these pages in one language at a time. Changing it changes every sentence on screen, not the page. */

import { CATALOGUES, type Catalogue, type Key } from 'virtual:words/backstage'

export type { Key }
export type Values = Record<string, string | number>

/** Languages that can be chosen, each under its own name. */
export const LANGUAGES: Readonly<Record<string, string>> = { en: 'English', es: 'Español' }
const PSEUDO = 'qps'

let lang = $state('en')
let words = $state.raw<Catalogue>({} as Catalogue)

/** What is spoken now, as a language tag. */
export function language(): string {
  return lang
}

/** The language for dates and numbers; the pseudo-language writes them as English does. */
export function locale(): string {
  return lang === PSEUDO ? 'en' : lang
}

/** The sentence at `key`, with `{name}` places filled. */
export function say(key: Key, values: Values = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => told(values[name]) ?? whole)
}

/** Why a conversation ended or is not on air, of the word that the API tells; an operator's own words may follow it. */
export function sayWhy(told: string): string {
  const [word, reason] = told.split(/: (.*)/s)
  const key = `why.${word}`
  if (!has(key)) return told
  return reason ? `${say(key)} ${say('console.reason', { reason })}` : say(key)
}

/** Whether there are words for a key put together at run time. */
export function has(key: string): key is Key {
  return key in words
}

/** The sentence for so many: `key.one` or `key.other`, with `{count}` filled. */
export function sayCount(key: string, count: number, values: Values = {}): string {
  const form = new Intl.PluralRules(locale()).select(count) === 'one' ? 'one' : 'other'
  return say(`${key}.${form}` as Key, { count, ...values })
}

function told(value: string | number | undefined): string | undefined {
  if (typeof value === 'number') return value.toLocaleString(locale())
  return value && lang === PSEUDO ? `\u2068${value}\u2069` : value // it keeps its own direction (UAX 9 §2.4)
}

/** Load what the visitor reads: `?lang=`, then what they chose before, then what their browser asks for. */
export async function loadWords(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('lang')
  const chosen = /(?:^|; )lang=([a-z]+)/.exec(document.cookie)?.[1]
  const wanted = [asked, chosen, ...navigator.languages.map((tag) => tag.slice(0, 2))]
  const found = wanted.find((tag): tag is string => tag !== null && tag !== undefined && tag in CATALOGUES) ?? 'en'
  await (found === asked ? choose(found) : speak(found))
}

/** Speak `tag` from now on, here and at the door. */
export async function choose(tag: string): Promise<void> {
  document.cookie = `lang=${tag}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === 'https:' ? '; Secure' : ''}`
  await speak(tag)
}

/** Speak `tag` from now on, where the page itself has chosen. */
export async function speak(tag: string): Promise<void> {
  words = (await CATALOGUES[tag]!()).default
  lang = tag
  document.documentElement.lang = tag === PSEUDO ? 'en' : tag
  document.documentElement.dir = tag === PSEUDO ? 'rtl' : 'ltr'
}

/** The languages to choose from; the pseudo-language shows only where it was asked for. */
export function choices(): [tag: string, name: string][] {
  const shown = Object.entries(LANGUAGES)
  return lang === PSEUDO ? [...shown, [PSEUDO, 'Pseudo']] : shown
}
