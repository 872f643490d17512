/** Standing in line: what the door answers and tells of the room, and when a page asks again. Pure. */

/** `room` of `status.json`: what all who wait are told. */
export interface Room {
  /** Whether one may enter. */
  open: boolean
  /** Whether those who came before the start have their numbers. */
  drawn: boolean
  /** SHA-256 of the seed, hexadecimal. */
  commitment: string
  /** Merkle root of the log, once it is drawn. */
  root: string
  /** A few questions after the root. */
  seed: string
  entries: number
  /** By line: numbers below are called. */
  serving: [number, number, number]
  /** By line: calls a second, over the last ten. */
  per_s: [number, number, number]
  /** By line: numbers below may be called within half a minute, and ask often. */
  near: [number, number, number]
  /** Whether calls are for places that stood empty: so fast it goes only as long as they last. */
  filling?: boolean
  /** So many of them are left. */
  empty?: number
  waiting: number
  places: number
  /** Places for those who come by reserved links, or how many of them are taken too. */
  reserved: number | { places: number; inside: number }
  /** Places that open in the next steps. */
  opening?: number
  rung: string
  closed: boolean
  /** Why it takes longer than was said; empty where there is nothing to say. */
  reason: string
}

/** The door's answer to whoever is not let in now: a place. */
export interface Placed {
  admitted: false
  place: string
  /** Null before the draw. */
  number: number | null
  line: 0 | 1 | 2
  called: boolean
  again_ms: number
  /** Whether it is called by then: it comes again by itself. */
  due?: boolean
  reason: string
  /** Of the reserved link that it came by, where all of them are taken; 0 where they are not. */
  link_places?: number
  /** The entry in the draw, where it stands in the log, and the door's part of it: a receipt. */
  id?: string | undefined
  index?: number | null | undefined
  server_nonce?: string | undefined
}

/** Where whoever waits stands. */
export type Standing = 'here' | 'drawn' | 'drawing' | 'in_line' | 'next' | 'called'

/** Those who are called come within so much time, in a small crowd at once. */
const JITTER_MS = 2000
/** How many a second the door surely answers when all who were here before the start ask at once. */
const ANSWERS_PER_S = 5000
/** A call holds for a minute: nobody is spread beyond it. */
const MOST_SPREAD_MS = 45_000
/** A room opens so long before the start, if it does not say otherwise. */
const OPENS_MS = 900_000

/**
 * Milliseconds until a place is brought to the door; null: not before there is news of the room. `poll_ms` tells how
 * large the crowd is, `random` is in [0, 1). All who came before the start ask once after it, spread out; so do
 * those who have no number yet, once it is drawn.
 */
export function claim_ms(place: Placed, room: Room | null, live: boolean, poll_ms: number, random = Math.random()): number | null {
  const soon_ms = random * Math.min(JITTER_MS, poll_ms / 4)
  const spread_ms = random * Math.min(MOST_SPREAD_MS, (1000 * (room?.entries ?? 0)) / ANSWERS_PER_S)
  if (!live) return place.number === null && room?.drawn ? spread_ms + soon_ms : null
  if (place.number === null || place.reason === 'before_start') return spread_ms
  if (place.called || place.reason === 'owed') return place.again_ms * (0.5 + 0.5 * random)
  if (place.due) return place.again_ms
  return !room || place.number < room.serving[place.line] ? soon_ms : null
}

/** Milliseconds until somebody without a place enters before the start; null: not before there is news. */
export function enter_ms(room: Room | null, untilStart_ms: number, random = Math.random()): number | null {
  if (room?.open) return random * JITTER_MS
  return untilStart_ms > OPENS_MS ? null : random * Math.min(60_000, Math.max(JITTER_MS, untilStart_ms / 10))
}

/** How many are before somebody, and themselves; null before the draw, without news of the room, and once they are called. */
export function positionOf(place: Placed, room: Room | null): number | null {
  if (place.number === null || !room || place.number < room.serving[place.line]) return null
  return place.number - room.serving[place.line] + 1
}

/** Whether there is a place for everybody who waits: they come in as fast as the door lets them, in a moment. */
export function allFit(room?: Room | null): boolean {
  return !!room?.empty && room.waiting <= room.empty
}

/** Without news of the room nobody can say who is before them: their number is on its way still. */
export function standingOf(place: Placed, room: Room | null, live: boolean): Standing {
  if (!live) return place.number === null ? 'here' : 'drawn'
  if (place.reason === 'owed') return 'next'
  if (place.called) return 'called'
  if (place.number === null || !room) return 'drawing'
  return place.number < room.serving[place.line] ? 'called' : 'in_line'
}

/** Places for reserved links, and how many of them are taken where the door tells. */
export function reservedOf({ reserved }: Room): { places: number; inside: number | null } {
  return typeof reserved === 'number' ? { places: reserved, inside: null } : reserved
}
