/** Being reminded without an account: a sheet that is loaded when somebody wants it. Says what can be had here, and asks for no more. */

import '../event/look/sheet.css'
import './remind.css'
import { CATALOGUES } from 'virtual:words/remind'
import { make, say } from '../event/dom'
import { getJson } from '../player/http'
import { speak, t } from '../words/words'
import { subscribe } from './push'
import { ask, forget, type Asked } from './send'

export interface Wanted {
  space: string
  /** Where reminders go. */
  remind: string
  ics: string
}

/** What the door says can be had. */
interface Means {
  push_key: string
  mail: boolean
}

const key = (space: string) => `rostra.remind.${space}`

/** Show the sheet; resolves once it is open. */
export async function openReminder(wanted: Wanted): Promise<void> {
  const nothing: Means = { push_key: '', mail: false }
  const [means] = await Promise.all([getJson<Means>('/remind/means.json').catch(() => nothing), speak(CATALOGUES)])
  const sheet = new Sheet(wanted, means)
  document.body.append(sheet.node)
  sheet.node.showModal()
}

class Sheet {
  readonly node: HTMLDialogElement
  readonly #said = make('p', { class: 'notice', role: 'status', hidden: true, 'data-testid': 'remind-said' })
  readonly #begun = make('input', { type: 'checkbox' })
  readonly #address = make('input', { type: 'email', required: true, autocomplete: 'email', maxlength: 254, dir: 'ltr', 'data-testid': 'remind-address' })
  readonly #mailing = make('form', { novalidate: true, onsubmit: (event) => void this.#mail(event) },
    make('label', {}, make('span', {}, t('remind.mail')), this.#address),
    make('button', { class: 'button', 'data-testid': 'remind-mail' }, t('remind.mail_send')))
  readonly #ways = make('div', { class: 'ways' })

  constructor(
    private readonly wanted: Wanted,
    private readonly means: Means,
  ) {
    this.node = make('dialog', { class: 'sheet remind', 'aria-labelledby': 'remind-title', 'data-testid': 'remind-sheet' },
      make('h2', { id: 'remind-title' }, t('remind.title')),
      make('p', { class: 'small' }, t('remind.what')),
      this.#ways,
      this.#said,
      make('button', { class: 'button plain', type: 'button', onclick: () => this.node.close() }, t('remind.close')))
    this.node.addEventListener('close', () => this.node.remove())
    this.#draw()
  }

  /** What there is for this browser, the simplest first. The focus stays, or goes on to the first button. */
  #draw(): void {
    const pushes = this.means.push_key !== '' && 'serviceWorker' in navigator && 'PushManager' in window
    const kept = stored(this.wanted.space)
    const push = kept
      ? make('button', { class: 'button', type: 'button', 'data-testid': 'remind-forget', onclick: () => void this.#forget(kept) }, t('remind.forget'))
      : make('button', { class: 'button', type: 'button', 'data-testid': 'remind-push', onclick: () => void this.#push() }, t('remind.push'))
    const had = this.#ways.contains(document.activeElement) && (document.activeElement as HTMLElement)
    this.#ways.replaceChildren(
      make('a', { class: 'button', href: this.wanted.ics, 'data-testid': 'remind-ics' }, t('remind.calendar')),
      ...(pushes ? [push] : []),
      ...(this.means.mail ? [this.#mailing] : []),
      ...(pushes || this.means.mail ? [make('label', { class: 'small' }, this.#begun, ' ', t('remind.begun'))] : []))
    if (had) (had.isConnected ? had : this.#ways.querySelector('button'))?.focus()
  }

  async #push(): Promise<void> {
    const subscription = await subscribe(this.means.push_key)
    if (!subscription) return this.#tell(t('remind.push_refused'))
    const asked = await ask(this.wanted.remind, { by: 'push', begun: this.#begun.checked, ...subscription })
    this.#answered(asked, 'remind.push_done')
  }

  async #mail(event: Event): Promise<void> {
    event.preventDefault()
    this.#address.setAttribute('aria-invalid', String(!this.#address.validity.valid))
    if (!this.#address.validity.valid) {
      this.#tell(t('remind.problem.address'))
      return this.#address.focus()
    }
    const asked = await ask(this.wanted.remind, { by: 'mail', begun: this.#begun.checked, address: this.#address.value.trim() })
    this.#answered(asked, 'remind.mail_done')
  }

  #answered(asked: Asked, done: 'remind.push_done' | 'remind.mail_done'): void {
    if ('problem' in asked) return this.#tell(t(asked.problem))
    if (asked.forget) store(this.wanted.space, asked.forget)
    this.#draw()
    this.#tell(t(done))
  }

  async #forget(token: string): Promise<void> {
    if (!(await forget(token))) return this.#tell(t('remind.problem.away'))
    store(this.wanted.space, '')
    this.#draw()
    this.#tell(t('remind.forgotten'))
  }

  #tell(sentence: string): void {
    this.#said.hidden = false
    say(this.#said, sentence)
  }
}

/** The secret that ends this browser's reminder; a browser that keeps nothing forgets it, and the reminder ends with the evening. */
function stored(space: string): string {
  try {
    return localStorage.getItem(key(space)) ?? ''
  } catch {
    return ''
  }
}

function store(space: string, token: string): void {
  try {
    if (token) localStorage.setItem(key(space), token)
    else localStorage.removeItem(key(space))
  } catch {
    // Nothing is kept in this browser.
  }
}
