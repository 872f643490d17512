/** Lines to the audience, newest first, as status and audio tell them. What draws them is loaded when they are others than the door's. */

import { shortText } from '../words/times'
import { timeWords } from '../words/words'
import { byId, say } from './dom'
import type { Told } from './status'

/** From backstage to the tape a notice takes less. */
const ON_THE_WAY_MS = 5000

export class Notices {
  readonly #list = byId('notices')
  #shown: string

  constructor(
    /** As they stand on the page. */
    public notices: Told[],
    private readonly announce: (sentence: string) => void,
  ) {
    this.#shown = fingerprint(notices)
    for (const time of this.#list.querySelectorAll('time')) say(time, shortText(timeWords, Date.parse(time.dateTime)))
  }

  /** All of them, as the door tells. */
  show(notices: Told[]): void {
    const now = fingerprint(notices)
    if (now === this.#shown) return
    const known = this.notices
    this.notices = notices
    this.#shown = now
    import('./notice-list')
      .then(({ draw }) => draw(this.#list, notices, known, this.announce))
      .catch(() => (this.#shown = '')) // with the next news
  }

  /** The newest, as it comes with the audio. */
  heard(notice: Told): void {
    this.show([notice, ...this.notices.filter((known) => known.id !== notice.id)])
  }

  /** Which ones stood at `at_ms`, as it comes with the audio: others were taken back, unless they are newer. Undefined: as before. */
  stand(ids: string[] | undefined, at_ms: number): void {
    if (ids) this.show(this.notices.filter(({ id, at }) => ids.includes(id) || at > at_ms - ON_THE_WAY_MS))
  }
}

function fingerprint(notices: Told[]): string {
  return JSON.stringify(notices.map(({ id, text, link }) => [id, text, link]))
}
