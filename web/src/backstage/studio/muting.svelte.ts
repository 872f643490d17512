/**
 * Whether one is muted: as one wants it, before the stage has it. A mute that backstage did not hear of holds all the
 * same, and backstage is told again until it has; a wish to be heard that it did not hear of is given up. One wish is
 * told at a time, and the latest after it: two on their way might come in the other order.
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
  /** Backstage has heard of the wish. */
  #heard = false
  /** Over once nothing is being told. */
  #telling: Promise<unknown> = Promise.resolve()
  /** Counts what was wanted: what comes of an earlier wish means nothing. */
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `stage`: as the stage has it, as backstage keeps it, and whether a host did it; `tell` tells backstage. */
  constructor(
    private readonly stage: () => { muted: boolean; kept: boolean; held: boolean },
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
    this.#heard = false
    this.problem = ''
    await this.#try(muted, this.#turn, LEAST_WAIT_MS)
  }

  /** The stage has told how it has it. A wish that backstage heard of and does not keep was overruled since. */
  settle(): void {
    const { muted, kept, held } = this.stage()
    const settled = this.#heard && (this.#wish === muted || this.#wish !== kept)
    if (settled || held) this.#wish = null
  }

  /** Tell no more. */
  stop(): void {
    this.#turn += 1
    clearTimeout(this.#timer)
  }

  async #try(muted: boolean, turn: number, wait_ms: number): Promise<void> {
    await this.#telling
    if (turn !== this.#turn) return
    let problem = ''
    this.#telling = this.tell(muted).catch((error: unknown) => (problem = sentence(error)))
    await this.#telling
    if (turn !== this.#turn) return
    this.problem = problem
    this.#heard = !problem
    if (!problem) this.#untold = false
    else if (!muted) this.#wish = null
    else this.#timer = setTimeout(() => void this.#try(true, turn, Math.min(MOST_WAIT_MS, 2 * wait_ms)), wait_ms * (0.7 + 0.6 * Math.random()))
  }
}
