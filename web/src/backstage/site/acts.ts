/** What the lines of the record say, in words. An act that has none is shown as it is written. */

import { has, say } from '../words.svelte'

/** Somebody in the record: `label` is `account:<id>`, `link:<id>`, `local`, `setup` or `system`. */
export interface Person {
  label: string
  handle: string
  name: string
}

export function actWords(act: string): string {
  const key = `console.act.${act.replaceAll('.', '_')}`
  return has(key) ? say(key) : act
}

export function who(person: Person): string {
  if (person.name) return person.name
  const kind = person.label.split(':', 1)[0] ?? ''
  const key = `console.actor.${kind}`
  return has(key) ? say(key) : person.label
}

/** The particulars of an act, as far as people can read them: not ids, not whole texts. */
export function details(detail: Record<string, string | number | boolean>): string {
  const hidden = new Set(['text_id', 'session', 'speaker', 'run'])
  return Object.entries(detail)
    .filter(([name, value]) => !hidden.has(name) && value !== '')
    .map(([, value]) => String(value))
    .join(' · ')
}
