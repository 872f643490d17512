/**
 * Where the programme stands right now, guessed from the arrivals of chunks: the earliest arrival ever seen
 * tells how far the edge is ahead of the page's clock. The clock of the machine is trusted only where it agrees.
 */

/** Arrivals drift apart with two crystals by less than this. */
const DRIFT = 1e-4
const PLAUSIBLE_S = 1

export class ProgrammeClock {
  #offset_s = -Infinity
  #updated_s = 0

  /** `anchor_utc_s`: UTC of sample 0. */
  constructor(private readonly anchor_utc_s: number) {}

  /** A chunk that ends at `end_s` of media time was in hand at `now_s` of the page's clock. */
  arrived(end_s: number, now_s: number): void {
    const aged = this.#offset_s - DRIFT * (now_s - this.#updated_s)
    this.#offset_s = Math.max(aged, end_s - now_s)
    this.#updated_s = now_s
  }

  /** Seconds from what is heard at `heard_s` to the sample clock. */
  behind_s(heard_s: number, now_s: number, utc_s: number): number {
    const byArrival = now_s + this.#offset_s - heard_s
    const byWallClock = utc_s - this.anchor_utc_s - heard_s
    const agree = byWallClock >= byArrival && byWallClock < byArrival + PLAUSIBLE_S
    return agree ? byWallClock : byArrival
  }
}
