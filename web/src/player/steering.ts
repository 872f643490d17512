/**
 * Keeps a listener at the target behind the newest audio, by arithmetic only: when to play a little slower or
 * faster, when to jump. It needs no clock shared with the server: it steers by what is in hand (buffered end
 * less current time) just before and just after each write of the edge.
 */

import { FASTEST, SLOWEST } from './rates'
import { LatencyTarget } from './target'

/** Heights are compared over this time, and over two cadences at least: the promptest write counts. */
const WINDOW_S = 2.4
/** Behind the target by more than this, playing faster would take too long. */
const JUMP_S = 1.2
const DEAD_BAND_S = 0.08
/** Bending ends this close to the target, so that it does not begin again at once. */
const SETTLED_S = 0.02
const STEP = 0.01
/** Seconds of error for each step of the rate. */
const STEP_ERROR_S = 0.04
/** Further behind than this, the page says that it catches up. */
const CATCHING_UP_S = 0.35

interface Height {
  at_s: number
  ahead_s: number
}

export class Steering {
  readonly target = new LatencyTarget()
  /** Playback rate. */
  rate = 1
  #lows: Height[] = []
  #highs: Height[] = []
  #since_s: number | null = null

  /** A write came while `ahead_s` seconds of audio were in hand. */
  arrived(ahead_s: number, now_s: number): void {
    this.#since_s ??= now_s
    const late_s = this.#ahead_s - this.target.cadence_s - ahead_s
    this.target.arrived(Number.isFinite(late_s) ? late_s : 0, now_s)
    this.#lows = this.#keep(this.#lows, { at_s: now_s, ahead_s })
    this.rate = this.#steer()
  }

  /** Audio was appended: `ahead_s` seconds are in hand now. */
  appended(ahead_s: number, now_s: number): void {
    this.#highs = this.#keep(this.#highs, { at_s: now_s, ahead_s })
  }

  /** The audio ran dry. */
  stalled(now_s: number): void {
    this.target.stalled(now_s)
    this.moved()
  }

  /** The play position jumped: what was measured before says nothing now. */
  moved(): void {
    this.#lows = []
    this.#highs = []
    this.#since_s = null
    this.rate = 1
  }

  /** Whether the listener has fallen so far behind that only a jump helps. */
  get tooFar(): boolean {
    const least_s = Math.min(this.#ahead_s, ...this.#lows.map((low) => low.ahead_s + this.target.cadence_s))
    return this.#isKnown && least_s > this.target.target_s + JUMP_S
  }

  get isCatchingUp(): boolean {
    return this.rate > 1 && this.#ahead_s - this.target.target_s > CATCHING_UP_S
  }

  /** In hand after the promptest write of late. */
  get #ahead_s(): number {
    return Math.max(...this.#highs.map((high) => high.ahead_s))
  }

  get #isKnown(): boolean {
    const last_s = this.#lows.at(-1)?.at_s ?? 0
    return this.#since_s !== null && last_s - this.#since_s >= this.#window_s * 0.8
  }

  get #window_s(): number {
    return Math.max(WINDOW_S, 2 * this.target.cadence_s)
  }

  #keep(heights: Height[], newest: Height): Height[] {
    return [...heights.filter(({ at_s }) => newest.at_s - at_s < this.#window_s), newest]
  }

  #steer(): number {
    if (!this.#isKnown) return this.rate
    this.target.forgo(this.target.target_s - this.#ahead_s) // no slowing down for a cadence that is over
    const error_s = this.#ahead_s - this.target.target_s
    if (Math.abs(error_s) <= (this.rate === 1 ? DEAD_BAND_S : SETTLED_S)) return 1
    const wanted = 1 + STEP * (Math.trunc(error_s / STEP_ERROR_S) || Math.sign(error_s))
    return Math.round(Math.min(FASTEST, Math.max(SLOWEST, wanted)) * 100) / 100
  }
}
