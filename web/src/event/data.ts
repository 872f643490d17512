/** What listening has cost so far, what an hour costs, and the switch that makes it cheaper where there is a choice. */

import { locale, t, tenths } from '../words/words'
import { make, say } from './dom'
import { saver } from './saver'

export class DataUse {
  readonly #words = make('span', { 'data-testid': 'data' })
  readonly #box: HTMLInputElement
  readonly #label: HTMLElement
  readonly node: HTMLElement

  constructor(save: (saving: boolean) => void) {
    this.#box = make('input', { type: 'checkbox', checked: saver.on, onchange: () => save(this.#box.checked) })
    this.#label = make('label', {}, this.#box, ' ', t('event.saver'))
    this.node = make('p', { class: 'soft small data' }, this.#words, this.#label)
    this.#tell(0, 20e6) // as long as what will be told
    this.node.style.visibility = 'hidden'
  }

  /** Room is kept until something came. */
  update(bytes: number, hourly_bytes: number | null, canSave: boolean): void {
    if (hourly_bytes === null) return
    this.#label.hidden = !canSave
    this.node.style.visibility = ''
    this.#tell(bytes, hourly_bytes)
  }

  #tell(bytes: number, hourly_bytes: number): void {
    const hourly = Math.round(hourly_bytes / 1e6).toLocaleString(locale)
    say(this.#words, t('event.data', { used: tenths.format(bytes / 1e6), hourly }))
  }
}
