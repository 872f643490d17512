/**
 * Keeps a listener close behind the live edge, by arithmetic only: how far to start behind it, when to
 * play a little slower or faster, when to jump. It needs no clock shared with the server: it steers by
 * the *low water*, the audio still in hand at the moment a new chunk arrives.
 */

/** One chunk, in seconds. */
export const CHUNK_S = 0.32
const LEAST_MARGIN_S = 0.25
const MOST_MARGIN_S = 3
const MARGIN_STEP_S = 0.25
/** Calm time after which the margin shrinks by a fifth of a step. */
const CALM_S = 10
const LEAST_WINDOW_CHUNKS = 6
/** Behind the margin by more than this, playing faster would take too long. */
const JUMP_S = 1.2
const DEAD_BAND_S = 0.1
/** Catching up and holding back, as shares of the rate; the browser keeps the pitch. */
const MOST_FASTER = 0.05
const MOST_SLOWER = 0.03

export class Steering {
  /** Low water to aim at. Grows after a stall, shrinks slowly in calm. */
  margin_s = LEAST_MARGIN_S
  /** Chunks that come at once, now or soon: told before it holds, so that there is time to fall back. */
  cadence = 1
  #lows: number[] = []
  #bending = false
  #calmSince_s = 0

  /** How far behind the newest chunk to start: half a chunk is yet to come, on average. */
  get start_s(): number {
    return this.margin_s + 0.25 + this.#burst_s
  }

  /** What goes by between two bursts, beyond a chunk. */
  get #burst_s(): number {
    return (this.cadence - 1) * CHUNK_S
  }

  get #window(): number {
    return Math.max(LEAST_WINDOW_CHUNKS, 2 * this.cadence)
  }

  /** Low water to aim at: more than the margin while chunks still come one by one that soon will not. */
  get #goal_s(): number {
    const seen_s = Math.max(...this.#lows) - Math.min(...this.#lows)
    return this.margin_s + Math.max(0, this.#burst_s - seen_s)
  }

  /** A chunk came while `ahead_s` seconds of audio were in hand. */
  arrived(ahead_s: number, now_s: number): void {
    this.#lows.push(ahead_s)
    while (this.#lows.length > this.#window) this.#lows.shift()
    if (now_s - this.#calmSince_s > CALM_S) {
      this.#calmSince_s = now_s
      this.margin_s = Math.max(LEAST_MARGIN_S, this.margin_s - MARGIN_STEP_S / 5)
    }
  }

  /** The audio ran dry for a moment: a late chunk, which a larger margin would have hidden. */
  stalled(now_s: number): void {
    this.margin_s = Math.min(MOST_MARGIN_S, this.margin_s + MARGIN_STEP_S)
    this.#calmSince_s = now_s
    this.moved()
  }

  /** The play position jumped: what was measured before says nothing now. */
  moved(): void {
    this.#lows = []
    this.#bending = false
  }

  /** Whether the listener has fallen so far behind that only a jump helps. */
  get tooFar(): boolean {
    return this.#lows.length === this.#window && Math.min(...this.#lows) > this.#goal_s + JUMP_S
  }

  /** Playback rate: 1 within the dead band, bent by a few hundredths outside it. */
  get rate(): number {
    if (this.#lows.length < this.#window) return 1
    const error = Math.min(...this.#lows) - this.#goal_s
    this.#bending = Math.abs(error) > (this.#bending ? DEAD_BAND_S / 4 : DEAD_BAND_S)
    if (!this.#bending) return 1
    return 1 + Math.max(-MOST_SLOWER, Math.min(MOST_FASTER, error / 10))
  }
}
