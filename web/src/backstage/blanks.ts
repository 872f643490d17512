/** What is wrong with a field, before anything is sent: in the page's words, where the browser would use its own. */

import { say } from './words.svelte'

export type Blank = Pick<HTMLInputElement, 'type' | 'title' | 'minLength' | 'min' | 'max' | 'validity'>

const MISSING = { checkbox: 'form.missing.tick', 'select-one': 'form.missing.choice' } as const
const ODD = { email: 'form.email', url: 'form.url', number: 'form.number', 'datetime-local': 'form.time' } as const

/** The sentence for a field that its browser finds wrong; where it has a rule of its own, that is its title. */
export function wrongWith({ type, title, minLength, min, max, validity }: Blank): string {
  if (validity.badInput) return say(ODD[type as keyof typeof ODD] ?? 'form.odd')
  if (validity.valueMissing) return say(MISSING[type as keyof typeof MISSING] ?? 'form.missing')
  if (validity.tooShort) return say('form.too_short', { count: minLength })
  if (validity.rangeUnderflow) return say('form.least', { least: Number(min) })
  if (validity.rangeOverflow) return say('form.most', { most: Number(max) })
  return title || say(ODD[type as keyof typeof ODD] ?? 'form.odd')
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

const forget = (field: Element) => 'setCustomValidity' in field && (field as Field).setCustomValidity('')

/** Have everything under `root` say so. A sentence holds until something is typed; every press on a button looks anew. */
export function inWords(root: HTMLElement | Document): void {
  root.addEventListener('invalid', ({ target }) => (target as Field).setCustomValidity(wrongWith(target as HTMLInputElement)), true)
  root.addEventListener('input', ({ target }) => forget(target as Element), true)
  root.addEventListener('click', ({ target }) => {
    const form = (target as Element).closest('button')?.form
    for (const field of form?.elements ?? []) forget(field)
  }, true)
}
