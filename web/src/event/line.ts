/**
 * Standing in line with one's place, from before the start until one is let in: brings the place to the door when
 * it is called, and tells where it stands. Draws nothing.
 */

import type { Estimate, Told } from '../door/estimate'
import { claim_ms, enter_ms, positionOf, standingOf, type Placed, type Room, type Standing } from '../door/standing'
import { backoff_s } from '../player/backoff'
import type { Ticket } from '../player/player'
import { isNotOpen, type Answer, type Kept, type KeptPlace } from './place'
import { isOver } from './begun'
import type { Status } from './status'

export type { Answer }

export interface LineHooks {
  /** Ask for news of the room now. */
  ask(): void
  /** Ask for them next as an answer of the door told. */
  next(poll_ms: number): void
  draw(): void
  /** Another tab came in: stop; whether there was anything to stop. */
  quit(): boolean
  announce: (sentence: string) => void
}

/** What there is to say. */
export interface Place {
  standing: Standing
  placed: Placed
  /** One for who comes next; null while there is no number, and once it is called. */
  position: number | null
  estimate: Told
  room: Room | null
  /** The turn had passed: this is a new place. */
  isNew: boolean
  kept: Kept
}

interface Admission {
  promise: Promise<Ticket>
  resolve(ticket: Ticket): void
  reject(error: unknown): void
}

function admission(): Admission {
  const made = {} as Admission
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** Near one's turn one asks at least so often. */
const NEAR_MS = 8000
/** What the door does at once needs no face. */
const UNSEEN_MS = 1500

export class Line {
  /** When the door is asked again after it could not be reached (page clock); null while it can. */
  retryAt_ms: number | null = null
  #placed: Placed | null = null
  #estimate: Estimate | null = null
  #told: Told = { minutes: null, why: '' }
  #isHere = false
  #ticket: Ticket | null = null
  #admission: Admission | null = null
  #wantedAt_ms = 0
  #timer = 0
  #dueAt_ms = Infinity
  #asking = false
  #failures = 0

  constructor(
    readonly place: KeptPlace,
    private status: Status,
    readonly hooks: LineHooks,
  ) {
    addEventListener('online', () => this.#soon())
    document.addEventListener('visibilitychange', () => document.hidden || this.#soon())
  }

  /** Be here before the start: enter as soon as the room is open. */
  enter(): void {
    this.#isHere = true
    const { room, starts_at, now } = this.status
    const isOpen = this.place.kept.place || enter_ms(room, starts_at - now) !== null
    this.#consider(isOpen ? 0 : null)
  }

  /**
   * Resolves once one is let in. `answer` is what the door just said to whoever had no place yet, or has said to this tab
   * before. Rejects when the line is left, and without a place when the door is not reached.
   */
  async join(answer?: Answer | null): Promise<Ticket> {
    this.#isHere = true
    // Its entry, if it is one, was made without a nonce of this page's own: there is no receipt for that.
    if (answer) this.place.take(answer.admitted === false ? { ...answer, id: undefined } : answer)
    else if (!this.stands) answer = await this.place.ask()
    if (answer?.admitted) return answer
    if (!this.#admission) this.#wantedAt_ms = performance.now()
    const { promise } = (this.#admission ??= admission())
    if (answer) this.#take(answer)
    else if (this.#ticket) this.#letIn(this.#ticket)
    else this.#consider(this.#placed ? null : 0)
    return promise
  }

  /** Stand in line no longer: the place is kept. Whoever leaves the room by `choice` has left it to the next. */
  leave(choice = false): void {
    if (this.place.kept.waits) this.place.keep({ waits: false })
    else if (choice) this.place.forget()
    clearTimeout(this.#timer)
    this.#dueAt_ms = Infinity
    this.#isHere = false
    this.#ticket = null
    this.retryAt_ms = null
    this.#admission?.reject(new DOMException('left the line', 'AbortError'))
    this.#admission = null
  }

  /** Take news of the room. */
  learn(status: Status): void {
    this.status = status
    if (isOver(status.state)) return
    this.#measure()
    this.#consider(null)
  }

  /** Tell from now on how long it takes. */
  estimate(estimate: Estimate): void {
    this.#estimate = estimate
    this.#measure()
  }

  /** Whether it has a place to come in with, or is in already. */
  get stands(): boolean {
    return this.#isHere && (this.#placed !== null || this.#ticket !== null)
  }

  /** What to show; null while there is nothing to wait for. */
  get shown(): Place | null {
    const placed = this.#placed
    if (!placed || !this.#isHere) return null
    if (this.#isLive) {
      if (!this.#admission) return null
      const isQuick = placed.reason === 'before_start' && performance.now() - this.#wantedAt_ms < UNSEEN_MS
      if (isQuick) return null
    }
    const { room } = this.status
    return {
      standing: standingOf(placed, room, this.#isLive),
      placed, room,
      position: positionOf(placed, room),
      estimate: this.#told,
      isNew: this.place.isNew,
      kept: this.place.kept,
    }
  }

  /** The page should hear of the room at least so often; null: as the door tells. */
  get most_ms(): number | null {
    const { shown } = this
    return shown?.position && shown.placed.number! < shown.room!.near[shown.placed.line] ? NEAR_MS : null
  }

  get #isLive(): boolean {
    return this.status.state === 'live'
  }

  /** Follow the room with the place. */
  #measure(): void {
    const { room } = this.status
    if (!room || !this.#placed) return
    const { kept } = this.place
    if (kept.id && !kept.commitment) this.place.keep({ commitment: room.commitment })
    if (kept.id && !kept.root && room.root && !room.seed) this.place.keep({ root: room.root })
    const position = positionOf(this.#placed, room)
    if (!this.#estimate || position === null || !this.#isLive || room.closed) return
    const { line } = this.#placed
    this.#told = this.#estimate.learn(position, line, room, Date.now() / 1000)
  }

  /** Ask the door when it is time: `soon_ms` from now if given. */
  #consider(soon_ms: number | null): void {
    if (this.#asking || !this.#isHere || this.retryAt_ms !== null) return
    const wait_ms = soon_ms ?? this.#due_ms()
    if (wait_ms !== null) this.#askIn(wait_ms)
  }

  #due_ms(): number | null {
    const { room, starts_at, now, poll_ms } = this.status
    if (this.#ticket || (this.#isLive && !this.#admission)) return null
    if (!this.#placed) return this.#isLive ? 0 : enter_ms(room, starts_at - now)
    return claim_ms(this.#placed, room, this.#isLive, poll_ms)
  }

  #askIn(wait_ms: number): void {
    const at_ms = performance.now() + wait_ms
    if (at_ms >= this.#dueAt_ms) return
    clearTimeout(this.#timer)
    this.#dueAt_ms = at_ms
    this.#timer = window.setTimeout(() => void this.#ask(), wait_ms)
  }

  async #ask(): Promise<void> {
    this.#dueAt_ms = Infinity
    this.#asking = true
    try {
      const answer = await this.place.ask()
      this.#reached()
      if (this.#isHere) this.#take(answer)
    } catch (error) {
      this.#asking = false
      if (isNotOpen(error)) return this.#reached()
      this.#failed()
    }
  }

  #take(answer: Answer): void {
    this.#asking = false
    if (answer.admitted !== false) return this.#letIn(answer)
    this.#placed = answer
    if (!this.status.room) this.hooks.ask()
    else this.hooks.next(answer.again_ms)
    this.#measure()
    this.hooks.draw()
    const again_ms = claim_ms(answer, this.status.room, this.#isLive, this.status.poll_ms)
    // What the page knows of the room may be a second old: the door has just said that it is not yet time.
    if (again_ms !== null) this.#askIn(Math.max(again_ms, answer.called ? 0 : answer.again_ms))
  }

  #letIn(ticket: Ticket): void {
    const admission = this.#admission
    this.#ticket = admission ? null : ticket // the page has not heard yet that it is live
    if (!admission) return
    this.#placed = this.#admission = null
    admission.resolve(ticket)
    this.hooks.draw()
  }

  #reached(): void {
    this.#failures = 0
    this.retryAt_ms = null
  }

  #failed(): void {
    if (!this.#isHere) return
    const wait_ms = 1000 * backoff_s(++this.#failures)
    this.retryAt_ms = performance.now() + wait_ms
    this.#askIn(wait_ms)
    this.hooks.draw()
  }

  #soon(): void {
    if (this.retryAt_ms !== null) this.#askIn(1000 * Math.random())
  }
}
