/**
 * How far behind the newest audio to play: one cadence, a slack that hides ordinary lateness, and more where
 * the network is rough. It grows at once with lateness, with each stall and with an announced longer cadence,
 * and shrinks slowly: not faster than a player catches up unheard. By arithmetic only: never reads a clock,
 * never touches the element.
 */

/** One chunk, the shortest cadence, in seconds. */
export const CHUNK_S = 0.32
/** Enough for a prompt network: with the way from microphone to page, 0.7 s behind the sample clock. */
const SLACK_S = 0.32
/** Beyond the cadence the target never grows further than this. */
export const MOST_BEYOND_CADENCE_S = 4
/** Lateness that the slack hides by itself, with as much again to spare: a page that draws is as late now and then. */
const ORDINARY_LATE_S = 0.12
/** Lateness that is none. */
const PROMPT_S = 0.05
/** A chunk later than this tells of an outage, which no target would have hidden. */
const MOST_LATE_S = 0.7
const EARLY_S = -0.16
/** The worst lateness is forgotten with this time constant. */
const FORGET_S = 60
const STALL_STEP_S = 0.25
const STALL_SHRINK = 0.005
/** A shorter cadence is told as it begins; longer writes are over within two segments. */
export const OVER_WITHIN_S = 7.68
/** What is kept for a longer cadence that is over shrinks so much a second: less than `FASTEST` gains. */
const KEPT_SHRINK = 0.025

export class LatencyTarget {
  #cadence_s = CHUNK_S
  /** The distance kept for the cadence: longer for a while after a longer one. */
  #kept_s = CHUNK_S
  /** A shorter cadence that was announced: it holds once the longer writes are over. */
  #shorter: { cadence_s: number; from_s: number } | null = null
  #late_s = 0
  #stalls_s = 0
  #at_s: number | null = null

  /** Seconds between two writes of the edge, as announced; they come more often until players have grown so far. */
  get cadence_s(): number {
    return this.#cadence_s
  }

  /** Distance to keep from the newest audio at the moment it arrives. */
  get target_s(): number {
    return this.#kept_s + Math.min(MOST_BEYOND_CADENCE_S, SLACK_S + roughness_s(this.#late_s) + this.#stalls_s)
  }

  /**
   * A write came `late_s` after the promptest of late. One that is early by most of a chunk is of a cadence that is
   * shorter still than announced: it says nothing, and what is known is not forgotten over it.
   */
  arrived(late_s: number, now_s: number): void {
    const known_s = this.#late_s
    this.#pass(now_s)
    this.#late_s = Math.max(late_s < EARLY_S ? known_s : this.#late_s, Math.min(MOST_LATE_S, late_s))
  }

  /** The audio ran dry. */
  stalled(now_s: number): void {
    this.#pass(now_s)
    this.#stalls_s = Math.min(MOST_BEYOND_CADENCE_S, this.#stalls_s + STALL_STEP_S)
  }

  /** The edge will write once in `cadence_s`; said again and again, and heeded once. */
  announced(cadence_s: number, now_s: number): void {
    if (!(cadence_s >= CHUNK_S && cadence_s < 60)) return
    if (cadence_s >= this.#cadence_s) {
      this.#cadence_s = cadence_s
      this.#kept_s = Math.max(this.#kept_s, cadence_s)
      this.#shorter = null
    } else if (this.#shorter?.cadence_s !== cadence_s) this.#shorter = { cadence_s, from_s: now_s + OVER_WITHIN_S }
  }

  /** Keep `by_s` less for a longer cadence that is over; what the present one takes stays. */
  forgo(by_s: number): void {
    this.#kept_s = Math.max(this.#cadence_s, this.#kept_s - Math.max(0, by_s))
  }

  #pass(now_s: number): void {
    const passed_s = Math.max(0, now_s - (this.#at_s ?? now_s))
    this.#at_s = now_s
    this.#late_s *= Math.exp(-passed_s / FORGET_S)
    this.#stalls_s = Math.max(0, this.#stalls_s - passed_s * STALL_SHRINK)
    this.forgo(passed_s * KEPT_SHRINK)
    if (!this.#shorter || now_s < this.#shorter.from_s) return
    this.#cadence_s = this.#shorter.cadence_s
    this.#shorter = null
  }
}

/** What the worst lateness of late asks for: three times as much where the network is rough, nothing where it is not, no leap between. */
function roughness_s(late_s: number): number {
  return Math.max(0, Math.min(6 * (late_s - ORDINARY_LATE_S), 3 * (late_s - PROMPT_S)))
}
