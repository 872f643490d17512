/** Where a listener asks to speak. Only the button is here; the rest of the way is loaded once it is pressed. */

import { t } from '../words/words'
import { byId, make, say } from './dom'
import { isSignedIn } from './elsewhere'
import { remembered } from './remembered'
import { isOver } from './begun'
import type { Boot, Status } from './status'

/** What the page does for somebody who goes on stage, where they hear the others and nothing twice, and for one who is back. */
export interface Listener {
  stop(): void
  resume(): void
  /** Ask the door how it stands, and let the page follow; nothing where it is not reached. */
  ask(): Promise<Status | void>
  /** The way to the stage was not reached. */
  missed(): Promise<void>
  announce: (sentence: string) => void
}

export class Floor {
  readonly #root = byId('floor')
  readonly #button = make('button', { class: 'button plain', type: 'button', 'data-testid': 'ask', onclick: () => void this.#open() }, t('event.ask'))
  /** That it is locked, or was not reached. */
  readonly #told = make('p', { class: 'notice small', hidden: true, role: 'alert', 'data-testid': 'locked' })
  /** Kept for this tab: whoever has asked goes on where they were when the page is loaded anew. */
  readonly #slot: string
  /** Whether they are on that way, or on stage. */
  opened = false
  /** The page turns. */
  leave = () => {}
  #status: Status

  constructor(
    private readonly listener: Listener,
    private readonly path: string,
    private readonly boot: Boot,
  ) {
    this.#slot = `rostra.ask.${boot.space}`
    this.#status = boot
    this.#root.append(this.#told, this.#button)
    if (isOver(boot.state)) return
    if (remembered(this.#slot, undefined, 'session')) void this.#open()
    // Nobody is told less where this is not reached.
    if (isSignedIn()) import('./invited').then(({ lookOut }) => lookOut(boot, this.#button, () => this.#status, listener)).catch(() => {})
  }

  /** Offer it while there is a stage to come to, and say so where it is locked. */
  show(status: Status): void {
    this.#status = status
    this.#root.hidden = isOver(status.state) && !('speaking' in document.body.dataset)
    this.#button.hidden = this.opened || status.locked
    this.#told.hidden = !status.locked || (this.opened && !status.locked_reason)
    say(this.#told, status.locked_reason ? t('event.locked_because', { reason: status.locked_reason }) : t('event.locked'))
  }

  async #open(): Promise<void> {
    if (this.opened) return
    this.opened = this.#button.hidden = this.#told.hidden = true
    try {
      const { open } = await import('../speaking/main')
      this.leave = await open(this.#root, {
        listener: this.listener,
        boot: this.boot,
        path: this.path,
        slot: this.#slot,
        closed: () => this.#close(),
      })
    } catch {
      this.#close()
      this.#told.hidden = false
      say(this.#told, t('speak.unreachable'))
      void this.listener.missed()
    }
  }

  /** Offer it again, as it stands now. */
  #close(): void {
    this.opened = false
    this.show(this.#status)
    this.#button.focus()
  }
}
