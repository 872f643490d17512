/** The picture of the room: people on stage, rings around who speaks, seats that light up as listeners come. */

import type { Person, RoomEvent } from '../player/events'
import { t } from '../words/words'
import { byId, icon, make, say } from './dom'
import { initials, rowsLit } from './room'

const ROLES = { host: 'event.role.host', cohost: 'event.role.cohost', speaker: 'event.role.speaker' } as const

export class House {
  readonly #root = byId('house')
  readonly #list = byId('people')
  readonly #rows = this.#root.querySelectorAll('.seats path')
  #people: Person[] = []
  #everyone = new Map<string, Person>()
  #discs = new Map<string, HTMLLIElement>()

  constructor(private readonly hostVerified: boolean) {}

  /** Show these people; elements of those who stay are kept, so that rings do not flicker. */
  people(people: Person[]): void {
    if (JSON.stringify(people) === JSON.stringify(this.#people)) return
    this.#people = people
    for (const person of people) this.#everyone.set(person.id, person)
    const before = this.#discs
    this.#discs = new Map(people.map((person) => [person.id, before.get(person.id) ?? card()]))
    for (const person of people) fill(this.#discs.get(person.id), person, this.hostVerified && person.role === 'host')
    this.#list.replaceChildren(...this.#discs.values())
  }

  /** With whom it is: they stand there instead of whoever was announced. Each name keeps its own direction (Unicode, UAX 9 §2.4). */
  name(): void {
    if (this.#people.length) say(byId('with'), this.#people.map(({ name }) => `\u2068${name}\u2069`).join(', '))
  }

  /** Everyone who was on stage while this page watched. */
  get everyone(): Person[] {
    return [...this.#everyone.values()]
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
    make('span', { class: 'disc', 'aria-hidden': 'true' }), make('span', {}, make('b', { dir: 'auto' }), make('small')))
}

function fill(item: HTMLLIElement | undefined, person: Person, verified: boolean): void {
  if (!item) return
  item.dataset['speaker'] = person.id
  item.classList.toggle('muted', person.muted === true)
  say(item.querySelector('.disc')!, initials(person.name))
  say(item.querySelector('b')!, person.name)
  const small = item.querySelector('small')!
  const words = t(person.muted ? 'event.muted' : (ROLES[person.role as keyof typeof ROLES] ?? ROLES.speaker))
  const role = person.guest ? `${words} · ${t('event.guest')}` : words
  if (small.firstChild?.textContent !== role) small.replaceChildren(role, ...(verified ? [' ', verifiedMark()] : []))
}

function verifiedMark(): SVGSVGElement {
  const mark = icon('verified')
  mark.classList.add('verified')
  mark.removeAttribute('aria-hidden')
  mark.setAttribute('role', 'img')
  mark.setAttribute('aria-label', t('event.verified'))
  return mark
}
