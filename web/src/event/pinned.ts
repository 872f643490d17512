/** The link that the host keeps in sight: as the door rendered it, and then as status and audio tell. */

import type { Pinned } from '../player/events'
import { t } from '../words/words'
import { byId, say } from './dom'

export class PinnedLink {
  readonly #box = byId('pinned')
  readonly #link = this.#box.querySelector('a')!
  #shown = this.#box.hidden ? '' : this.#link.href

  constructor(private readonly announce: (sentence: string) => void) {}

  show(pinned: Pinned | null): void {
    const link = pinned?.link ?? ''
    if (!/^https?:\/\//.test(link)) {
      this.#box.hidden = true
      this.#shown = ''
      return
    }
    const label = pinned?.label || bare(link)
    this.#link.href = link
    say(this.#link, label)
    this.#box.hidden = false
    if (this.#link.href !== this.#shown) this.announce(t('happening.pinned_new', { label }))
    this.#shown = this.#link.href
  }
}

const bare = (link: string) => link.replace(/^\w+:\/\/(www\.)?/, '').replace(/\/$/, '')
