/** The picture of the room: people on stage, rings around who speaks, seats that light up as listeners come. */

import type { Person, RoomEvent } from '../player/events'
import { byId, make, say } from './dom'

const ROLES: Record<string, string> = { host: 'Host', cohost: 'Co-host', speaker: 'Speaker' }

/** Rows of seats lit by an audience: the first by one listener, each further one by about four times as many. */
export function rowsLit(listeners: number, rows: number): number {
  return listeners <= 0 ? 0 : Math.min(rows, 1 + Math.floor(Math.log(listeners) / Math.log(4)))
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u)
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => Array.from(word ?? '')[0] ?? '')
  return letters.join('').toLocaleUpperCase()
}

export class House {
  readonly #root = byId('house')
  readonly #list = byId('people')
  readonly #rows = this.#root.querySelectorAll('.seats path')
  #people: Person[] = []
  #everyone = new Map<string, Person>()
  #discs = new Map<string, HTMLLIElement>()

  constructor() {
    // People announced, as the door wrote them: first letters only, because it does not know of surnames.
    for (const person of this.#list.children) {
      const [disc, name] = person.children
      if (disc && name) say(disc, initials(name.textContent ?? ''))
    }
  }

  /** Show these people; elements of those who stay are kept, so that rings do not flicker. */
  people(people: Person[]): void {
    if (JSON.stringify(people) === JSON.stringify(this.#people)) return
    this.#people = people
    for (const person of people) this.#everyone.set(person.id, person)
    const before = this.#discs
    this.#discs = new Map(people.map((person) => [person.id, before.get(person.id) ?? card()]))
    for (const person of people) fill(this.#discs.get(person.id), person)
    this.#list.replaceChildren(...this.#discs.values())
  }

  /** After the end: everyone who was on stage while this page watched. */
  cast(): void {
    this.speaking([])
    if (this.#everyone.size) this.people(Array.from(this.#everyone.values(), (person) => ({ ...person, muted: false })))
  }

  speaking(ids: string[]): void {
    for (const [id, disc] of this.#discs) disc.classList.toggle('speaking', ids.includes(id))
    this.#root.classList.toggle('sounding', ids.length > 0)
  }

  listeners(count: number): void {
    const lit = rowsLit(count, this.#rows.length)
    this.#rows.forEach((row, i) => row.classList.toggle('lit', i < lit))
  }

  event(event: RoomEvent): void {
    if (event.speakers) this.people(event.speakers)
    if (event.speaking) this.speaking(event.speaking)
    if (event.listeners !== undefined) this.listeners(event.listeners)
  }
}

function card(): HTMLLIElement {
  return make('li', { class: 'person', 'data-testid': 'person' },
    make('span', { class: 'disc', 'aria-hidden': 'true' }), make('span', {}, make('b'), make('small')))
}

function fill(item: HTMLLIElement | undefined, person: Person): void {
  if (!item) return
  item.dataset['speaker'] = person.id
  item.classList.toggle('muted', person.muted === true)
  say(item.querySelector('.disc')!, initials(person.name))
  say(item.querySelector('b')!, person.name)
  say(item.querySelector('small')!, person.muted ? 'Muted' : (ROLES[person.role] ?? ''))
}
