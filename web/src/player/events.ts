/**
 * What rides in the audio beside the sound: who is on stage, who speaks, how many listen.
 * How it is read is `id3.ts` and `emsg.ts`.
 */

export interface Person {
  id: string
  name: string
  role: string
  muted?: boolean
  /** No account vouches for the name. */
  guest?: boolean
}

/** A line to the audience. */
export interface Notice {
  id: string
  text: string
  /** An http(s) address, or empty. */
  link?: string
  author: string
  /** UTC in milliseconds. */
  at_ms: number
}

/** One link that the host keeps in sight. */
export interface Pinned {
  /** An http(s) address. */
  link?: string
  /** Empty: the address itself. */
  label?: string
}

/** A line of what is said. */
export interface Caption {
  id: string
  /** Media time of its first word, in 48 kHz samples; it may have come later. */
  at: number
  samples: number
  text: string
  lang: string
}

/** A snapshot holds every key; a change only those that changed. */
export interface RoomEvent {
  v: number
  /** Media time in 48 kHz samples from which it holds. */
  at: number
  speakers?: Person[]
  speaking?: string[]
  listeners?: number
  /** Whether `listeners` is an estimate. */
  estimated?: boolean
  /** Chunks that come at once, now or soon; 1 where a snapshot says nothing. */
  cadence?: number
  /** The newest, for its first ten minutes. */
  notice?: Notice
  /** The ids of all that stand, newest first; nothing in a snapshot where none does. */
  notices?: string[]
  /** The id of the space where it goes on. */
  moved?: string
  /** Without a link: nothing any more. */
  pinned?: Pinned
  /** Music plays, because everybody has left the stage. */
  hold?: boolean
  /** How many pressed each in one second, told once. */
  reactions?: Record<string, number> | undefined
  /** Told once. */
  captions?: Caption[] | undefined
  /** Of the ladder, where the crowd is larger than the machine; nothing in a snapshot on the ground. */
  rung?: string
  /** How many may listen, where somebody ordered it; in a change without places: nobody's order holds any more. */
  limit?: { places?: number }
}

/** How many chunks come at once from an event on; undefined: as before. */
export function cadenceOf(event: RoomEvent): number | undefined {
  return event.cadence ?? (isSnapshot(event) ? 1 : undefined)
}

/** The notices that stand from an event on; undefined: as before. */
export function noticesFrom(event: RoomEvent): string[] | undefined {
  return event.notices ?? (isSnapshot(event) ? [] : undefined)
}

/** What is pinned from an event on; null: nothing; undefined: as before. */
export function pinnedFrom(event: RoomEvent): Pinned | null | undefined {
  if (event.pinned) return event.pinned.link ? event.pinned : null
  return isSnapshot(event) ? null : undefined
}

/** Whether music plays from an event on; undefined: as before. */
export function holdFrom(event: RoomEvent): boolean | undefined {
  return event.hold ?? (isSnapshot(event) ? false : undefined)
}

/** Whether an event says everything that lasts. */
function isSnapshot({ speakers, speaking, listeners }: RoomEvent): boolean {
  return speakers !== undefined && speaking !== undefined && listeners !== undefined
}

/** The rung from an event on; undefined: as before. */
export function rungOf(event: RoomEvent): string | undefined {
  return event.rung ?? (isSnapshot(event) ? '' : undefined)
}
