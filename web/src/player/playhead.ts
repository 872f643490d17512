/**
 * Where in the programme the element plays: puts it in its place after joining, steers it, jumps when it must,
 * notices when it runs dry. Never fetches, never appends.
 */

import type { ProgrammeClock } from './clock'
import type { Stretch } from './source'
import { Steering } from './steering'

/** Chunks that come closer together than this belong to one write. */
const ONE_WRITE_S = 0.06
/** Less than this in hand is too little to start with. */
const LEAST_START_S = 0.2
/** Further than this beyond the target after a join, where a newcomer starts is better. */
const MOST_BEYOND_S = 1
/** From the cut of a chunk to the page, on a good network. */
const WAY_S = 0.1

export class Playhead {
  readonly steering = new Steering()
  stalls = 0
  #placeAt_s: number | null = null
  #stalledAt_s: number | null = null
  #wroteAt_s = -Infinity

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly newest: () => Stretch | null,
    private readonly clock: () => ProgrammeClock,
  ) {}

  /**
   * A join: go to where a newcomer starts once the audio up to `at_s` is in hand. Says whether a listener who
   * joins again goes on where they are instead.
   */
  place(at_s: number): boolean {
    this.#placeAt_s = at_s
    this.steering.moved()
    return this.#playsOn(at_s - this.audio.currentTime)
  }

  #playsOn(ahead_s: number): boolean {
    return ahead_s < this.steering.target.target_s + MOST_BEYOND_S
  }

  /** A chunk came and is not yet appended. */
  came(now_s: number): void {
    const sameWrite = now_s - this.#wroteAt_s < ONE_WRITE_S
    this.#wroteAt_s = now_s
    const ahead_s = this.#ahead_s
    if (this.#placeAt_s === null && ahead_s !== null && !sameWrite) this.steering.arrived(ahead_s, now_s)
  }

  /** Something was appended. True when the position jumped. */
  appended(now_s: number, utc_s: number): boolean {
    const newest = this.newest()
    if (!newest) return false
    const ahead_s = this.#ahead_s
    if (this.#placeAt_s !== null) {
      if (newest.end < this.#placeAt_s - 0.01) return false // older chunks of the segment are still coming in
      this.#placeAt_s = null
      if (ahead_s !== null && ahead_s > 0.05 && this.#playsOn(ahead_s)) return false
    } else if (!this.steering.tooFar && ahead_s !== null) {
      this.steering.appended(ahead_s, now_s)
      return false
    }
    this.#jump(newest, this.clock().behind_s(newest.end, now_s, utc_s))
    return true
  }

  /** The element waits for audio. */
  ranDry(now_s: number): void {
    if (this.#placeAt_s !== null || this.audio.seeking || this.#stalledAt_s !== null) return
    this.#stalledAt_s = now_s
    this.stalls += 1
  }

  /** Sound comes out: true to its rate. */
  sounds(now_s: number): void {
    if (this.#stalledAt_s !== null) this.steering.stalled(now_s)
    this.#stalledAt_s = null
    if (this.audio.playbackRate !== this.steering.rate) this.audio.playbackRate = this.steering.rate
  }

  /** Audio in hand ahead of what is heard; null when the two do not join up. */
  get #ahead_s(): number | null {
    const newest = this.newest()
    const heard_s = this.audio.currentTime
    return newest && heard_s >= newest.start - 0.01 ? newest.end - heard_s : null
  }

  /** Go to where a newcomer would start: `age_s` ago the newest audio was cut. */
  #jump(newest: Stretch, age_s: number): void {
    this.steering.target.forgo(Infinity)
    const { target_s, cadence_s } = this.steering.target
    const since_s = Math.min(cadence_s, Math.max(0, age_s - WAY_S))
    this.audio.currentTime = Math.max(newest.start, newest.end - Math.max(LEAST_START_S, target_s - since_s))
    this.steering.moved()
  }
}
