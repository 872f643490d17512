/** One's place in line, kept by the browser: refreshing loses nothing, and all tabs of a space have the same. */

import { HttpError, getJson } from '../player/http'
import type { Said } from '../door/estimate'
import type { Placed } from '../door/standing'
import type { Ticket } from '../player/player'
import { PLACE, remembered } from './remembered'
import { reservedFor } from './reserved'

/** What is remembered of a space. */
export interface Kept {
  place: string
  /** This page's part of its entry in the draw, and the receipt for it. */
  nonce: string
  id?: string | undefined
  index?: number | null | undefined
  server_nonce?: string | undefined
  /** What the door promised of the draw when this place was given, and of the log before it told the seed. */
  commitment?: string | undefined
  root?: string | undefined
  /** What was said of the time it takes. */
  said?: Said | null
  /** Whether somebody stands in line with it, and not only has it. */
  waits: boolean
  /** The tab that came in with it. */
  inside?: number | undefined
}

export type Answer = ({ admitted: true } & Ticket) | Placed

const NONCE_BYTES = 16
/** Two tabs that come in with one place in so much time do so at once: one of them stays. */
const BOTH_MS = 3000

export class KeptPlace {
  readonly #tab = Math.random()
  readonly #key: string
  /** The door did not know the place any more and gave a new one. */
  isNew = false
  /** Where the browser keeps nothing, the page does. */
  #kept: Kept | null = null
  #inside_ms = -Infinity

  /** `elsewhere` is called when another tab comes in with the same place. */
  constructor(private readonly path: string, private readonly space: string, elsewhere: () => void) {
    this.#key = PLACE + space
    addEventListener('storage', ({ key, oldValue, newValue }) => {
      const inside = key === this.#key ? insideOf(newValue) : undefined
      if (inside === undefined || inside === insideOf(oldValue)) return
      if (performance.now() - this.#inside_ms > BOTH_MS || inside < this.#tab) elsewhere()
    })
  }

  get kept(): Kept {
    try {
      this.#kept = JSON.parse(remembered(this.#key) ?? 'null') as Kept | null ?? this.#kept
    } catch {
      // nonsense
    }
    return (this.#kept ??= { place: '', nonce: nonce(), waits: false })
  }

  keep(more: Partial<Kept>): void {
    this.#kept = { ...this.kept, ...more }
    remembered(this.#key, JSON.stringify(this.#kept))
  }

  /** Have none any more. */
  forget(): void {
    this.#kept = null
    remembered(this.#key, null)
  }

  /** Bring the place, if there is one, to the door: HttpError, or the network's own error. */
  async ask(): Promise<Answer> {
    const { place, nonce } = this.kept
    const body = JSON.stringify({ nonce, place, reserved: reservedFor(this.space) })
    return this.take(await getJson<Answer>(`${this.path}/join`, { method: 'POST', body }))
  }

  /** Keep what the door gave. */
  take(answer: Answer): Answer {
    const { place, waits } = this.kept
    if (answer.admitted !== false) {
      this.#inside_ms = performance.now()
      this.isNew = false
      if (place) this.keep({ waits: false, inside: this.#tab })
      return answer
    }
    const { id, index, server_nonce } = answer
    const isOther = answer.place !== place
    this.isNew ||= waits && place !== '' && isOther
    this.keep({ place: answer.place, waits: true, inside: undefined, ...(isOther && { id, index, server_nonce, commitment: undefined, root: undefined, said: null }) })
    return answer
  }
}

const insideOf = (kept: string | null) => (JSON.parse(kept ?? '{}') as Partial<Kept>).inside

/** Whether there is nothing to stand in line for, now. */
export const isNotOpen = (error: unknown): boolean => error instanceof HttpError && error.status === 409

/** Base64url (RFC 4648 §5). */
function nonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
