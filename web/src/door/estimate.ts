/**
 * How long it still takes, honestly: from how fast the line moved while this page watched, before that from what the
 * door tells; but from how fast empty places are filled for those alone who get one of them. Never says longer than
 * it did before without a reason. Pure; takes the time.
 */

import type { Room } from './standing'

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

/** Fewer than so much of the places that there were are fewer places. */
const FEWER = 0.95

/** Which number was served when, and of how many places. */
type Seen = [at_s: number, served: number, places?: number]

/** What somebody was told, for whoever loads the page anew. */
export interface Said {
  minutes: number
  until_s: number
  /** From where on the line is watched. */
  since: Seen
}

export class Estimate {
  /** The oldest first, of the last minutes. */
  #seen: Seen[]
  #why = ''
  /** What was said before it became longer. */
  #before = Infinity
  #ahead = Infinity

  /** `said`: before the page was loaded anew. */
  constructor(public said: Said | null = null) {
    this.#seen = said ? [said.since] : []
  }

  /** Take news of a line in which `ahead` have to be called first; return what to say. */
  learn(ahead: number, line: 0 | 1 | 2, { serving, per_s, filling, empty = 0, places, reason }: Room, now_s: number): Told {
    const served = serving[line]
    if (filling || served < (this.#seen.at(-1)?.[1] ?? 0)) this.#seen = []
    this.#seen.push([now_s, served, places])
    while (this.#seen.length > 2 && now_s - this.#seen[1]![0] >= OVER_S) this.#seen.shift()
    if (ahead > this.#ahead) this.said = null // another place, at the end
    this.#ahead = ahead
    const promised_s = this.said ? Math.max(0, this.said.until_s - now_s) : Infinity
    const seconds = filling && ahead > empty ? Math.max(promised_s, ahead / per_s[line]) : ahead / this.#rate(served, per_s[line], now_s)
    const minutes = rounded(seconds)
    if (this.said && minutes > this.said.minutes) {
      if (!reason && seconds <= promised_s * TOLERANCE + SLACK_S) return this.#tell(this.said.minutes)
      if (!this.#why) this.#before = this.said.minutes
      this.#why = reason || (this.#seen.some(([, , before = 0]) => places < before * FEWER) ? 'limit_lowered' : 'slower')
    } else if (minutes <= this.#before) {
      this.#why = ''
    }
    if (minutes < Infinity && minutes !== this.said?.minutes) this.said = { minutes, until_s: now_s + seconds, since: this.#seen[0]! }
    return this.#tell(minutes)
  }

  #tell(minutes: number): Told {
    return { minutes: minutes < Infinity ? minutes : null, why: this.#why }
  }

  #rate(served: number, per_s: number, now_s: number): number {
    const [at_s, from] = this.#seen[0]!
    const over_s = now_s - at_s
    return over_s >= LEAST_S && served > from ? (served - from) / over_s : per_s
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
