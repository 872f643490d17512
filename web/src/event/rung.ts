/** One line that says what is given up while the crowd is larger than the machine. */

import type { Key } from 'virtual:words/event'
import { t } from '../words/words'
import { make, say } from './dom'

const GROUND = 'ground'

export class RungLine {
  readonly node = make('p', { class: 'notice', id: 'rung', hidden: true })
  #rung = GROUND

  constructor(private readonly announce: (sentence: string) => void) {}

  /** The door stands on this rung; nothing and `ground` are the same, undefined is as before. */
  stand(rung: string | undefined): void {
    const now = rung || GROUND
    if (rung === undefined || now === this.#rung) return
    this.#rung = now
    const sentence = t(`rung.${now}.audience` as Key)
    this.node.hidden = now === GROUND
    say(this.node, now === GROUND ? '' : sentence)
    this.announce(sentence)
  }
}
