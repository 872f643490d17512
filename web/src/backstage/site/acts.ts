/** What the lines of the record say, in words. An act that has none is shown as it is written. */

import { has, say } from '../words.svelte'

/** Somebody in the record: `label` is `account:<id>`, `link:<id>`, `request:<id>`, `speaker:<id>`, `local`, `setup` or `system`. */
export interface Person {
  label: string
  handle: string
  name: string
}

type Details = Record<string, string | number | boolean>

/** An act of two directions bears in its details which it was. */
export function actWords(act: string, { muted }: Details): string {
  const key = `console.act.${act.replaceAll(/[.-]/g, '_')}${muted === false ? '_undone' : ''}`
  return has(key) ? say(key) : act
}

export function who(person: Person): string {
  if (person.name) return person.name
  const kind = person.label.split(':', 1)[0] ?? ''
  const key = `console.actor.${kind}`
  return has(key) ? say(key) : person.label
}

/** Ids, which say nothing to people, and what the act's own words tell. */
const HIDDEN = new Set(['invitation', 'muted', 'notice', 'passkey', 'person', 'request', 'run', 'speaker', 'text_id', 'token', 'report', 'subject'])

/** The particulars of an act, as far as people can read them. */
export function details(detail: Details): string {
  return Object.entries(detail)
    .filter(([name, value]) => value !== '' && value !== false && !HIDDEN.has(name) && (name !== 'link' || String(value).includes('://')))
    .map(([name, value]) => (name === 'fields' ? String(value).split(', ').map(told).join(', ') : told(value === true ? name : String(value))))
    .join(' · ')
}

/** One word of the record: a role, a field, a choice; anything else as it is. */
function told(value: string): string {
  const key = `console.word.${value}`
  return has(key) ? say(key) : value
}
