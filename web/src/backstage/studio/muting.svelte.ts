/**
 * Whether one is muted: as one wants it, before the stage has it. A mute that backstage did not hear of holds all the
 * same, and backstage is told again until it has; a wish to be heard that it did not hear of is given up.
 */

import { sentence } from '../api'

const LEAST_WAIT_MS = 1000
const MOST_WAIT_MS = 8000

export class Muting {
  /** Why backstage does not have it; empty while it does. */
  problem = $state('')
  /** What the stage does not have yet; null: nothing. */
  #wish = $state<boolean | null>(null)
  /** A mute that backstage did not hear of. */
  #untold = $state(false)
  /** Counts what was wanted: what comes of an earlier wish means nothing. */
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `stage`: as the stage has it, and whether a host did it; `tell` tells backstage. */
  constructor(
    private readonly stage: () => { muted: boolean; held: boolean },
    private readonly tell: (muted: boolean) => Promise<unknown>,
  ) {}

  get muted(): boolean {
    return this.#untold || (this.#wish ?? this.stage().muted)
  }

  /** Be muted, or heard. */
  async want(muted: boolean): Promise<void> {
    this.stop()
    this.#wish = muted
    this.#untold = muted
    this.problem = ''
    await this.#try(muted, this.#turn, LEAST_WAIT_MS)
  }

  /** The stage has told how it has it. */
  settle(): void {
    const { muted, held } = this.stage()
    if (this.#wish === muted || held) this.#wish = null
  }

  /** Tell no more. */
  stop(): void {
    this.#turn += 1
    clearTimeout(this.#timer)
  }

  async #try(muted: boolean, turn: number, wait_ms: number): Promise<void> {
    let problem = ''
    try {
      await this.tell(muted)
    } catch (error) {
      problem = sentence(error)
    }
    if (turn !== this.#turn) return
    this.problem = problem
    if (!problem) this.#untold = false
    else if (!muted) this.#wish = null
    else this.#timer = setTimeout(() => void this.#try(true, turn, Math.min(MOST_WAIT_MS, 2 * wait_ms)), wait_ms * (0.7 + 0.6 * Math.random()))
  }
}
