/**
 * How long it still takes, honestly: from how fast the line moved while this page watched, before that from what
 * the door tells. Never says longer than it did before without a reason. Pure; takes the time.
 */

const OVER_S = 300
const LEAST_S = 20
/** So much above what was promised is not yet news. */
const TOLERANCE = 1.25
const SLACK_S = 45

export interface Told {
  /** 0: less than one; null: nobody can say. */
  minutes: number | null
  /** Why it takes longer than was said; empty where it does not. */
  why: string
}

export class Estimate {
  /** When which number was served: the oldest first, of the last minutes. */
  #seen: [at_s: number, serving: number][] = []
  #said: { minutes: number; until_s: number } | null = null
  #why = ''
  /** What was said before it became longer. */
  #before = Infinity

  /** Take news of a line in which `ahead` have to be called first; return what to say. */
  learn(ahead: number, serving: number, per_s: number, reason: string, now_s: number): Told {
    const last = this.#seen.at(-1)
    if (last && serving < last[1]) this.#seen = []
    if (!last || now_s - last[0] >= 1) this.#seen.push([now_s, serving])
    while (this.#seen.length > 2 && now_s - this.#seen[1]![0] >= OVER_S) this.#seen.shift()
    const rate = this.#rate(serving, per_s, now_s)
    const seconds = rate > 0 ? ahead / rate : Infinity
    const minutes = rounded(seconds)
    if (this.#said && minutes > this.#said.minutes) {
      const promised_s = Math.max(0, this.#said.until_s - now_s)
      if (!reason && seconds <= promised_s * TOLERANCE + SLACK_S) return this.#tell(this.#said.minutes)
      if (!this.#why) this.#before = this.#said.minutes
      this.#why = reason || 'slower'
    } else if (minutes <= this.#before) {
      this.#why = ''
    }
    if (!this.#said || minutes !== this.#said.minutes) this.#said = { minutes, until_s: now_s + seconds }
    return this.#tell(minutes)
  }

  #tell(minutes: number): Told {
    return { minutes: Number.isFinite(minutes) ? minutes : null, why: this.#why }
  }

  #rate(serving: number, per_s: number, now_s: number): number {
    const [at_s, from] = this.#seen[0]!
    const over_s = now_s - at_s
    return over_s >= LEAST_S && serving > from ? (serving - from) / over_s : per_s
  }
}

/** Minutes as one says them: up, to one, five or thirty. */
export function rounded(seconds: number): number {
  const minutes = Math.ceil(seconds / 60)
  if (seconds < 60) return 0
  if (minutes <= 10) return minutes
  const step = minutes <= 60 ? 5 : 30
  return Math.ceil(minutes / step) * step
}
