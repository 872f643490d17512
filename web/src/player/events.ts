/**
 * What rides in the audio beside the sound: who is on stage, who speaks, how many listen.
 * Reads `emsg` version 1 boxes with an ID3 PRIV frame `rostra.events` (docs/architecture.md).
 */

import { boxAt } from './boxes'

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
  /** The id of the space where it goes on. */
  moved?: string
  /** Without a link: nothing any more. */
  pinned?: Pinned
  /** Music plays, because everybody has left the stage. */
  hold?: boolean
  /** How many pressed each in one second, told once. */
  reactions?: Record<string, number>
  /** Told once. */
  captions?: Caption[]
  /** Of the ladder, where the crowd is larger than the machine; nothing in a snapshot on the ground. */
  rung?: string
  /** How many may listen, where somebody ordered it; in a change without places: nobody's order holds any more. */
  limit?: { places?: number }
}

const SCHEME = 'https://aomedia.org/emsg/ID3'
const OWNER = 'rostra.events'
const FIXED_FIELDS = 24 // version and flags, timescale, time, duration, id

/** How many chunks come at once from an event on; undefined: as before. */
export function cadenceOf(event: RoomEvent): number | undefined {
  return event.cadence ?? (isSnapshot(event) ? 1 : undefined)
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

/** Events at the head of a chunk, in order. What is not ours, or broken, is passed over. */
export function readEvents(chunk: Uint8Array): RoomEvent[] {
  const events: RoomEvent[] = []
  for (let at = 0; ; ) {
    const box = boxAt(chunk, at)
    if (!box || box.type === 'moof') return events
    if (box.type === 'emsg') {
      const event = readEmsg(chunk.subarray(box.body, box.end))
      if (event) events.push(event)
    }
    at = box.end
  }
}

function readEmsg(body: Uint8Array): RoomEvent | null {
  if (body[0] !== 1) return null
  const [scheme, afterScheme] = cString(body, FIXED_FIELDS)
  const [, afterValue] = cString(body, afterScheme)
  return scheme === SCHEME ? readId3(body.subarray(afterValue)) : null
}

/** The event in an ID3 tag (v2.3 or v2.4); null when there is none. */
export function readId3(tag: Uint8Array): RoomEvent | null {
  if (text(tag.subarray(0, 3)) !== 'ID3') return null
  for (let at = 10; at + 10 <= tag.length; ) {
    const size = frameSize(tag, at)
    if (text(tag.subarray(at, at + 4)) === 'PRIV') {
      const event = readPriv(tag.subarray(at + 10, at + 10 + size))
      if (event) return event
    }
    at += 10 + size
  }
  return null
}

/** The event in the body of a PRIV frame. */
export function readPriv(frame: Uint8Array): RoomEvent | null {
  const [owner, after] = cString(frame, 0)
  return owner === OWNER ? parse(frame.subarray(after)) : null
}

/** The event in a JSON body; null when it is not one. */
export function parse(json: Uint8Array): RoomEvent | null {
  try {
    const event: unknown = JSON.parse(text(json))
    return isEvent(event) ? event : null
  } catch {
    return null
  }
}

function isEvent(value: unknown): value is RoomEvent {
  return typeof value === 'object' && value !== null && typeof (value as RoomEvent).at === 'number'
}

function frameSize(tag: Uint8Array, at: number): number {
  const shift = (tag[3] ?? 4) >= 4 ? 7 : 8 // v2.4 sizes are synchsafe, v2.3 are plain
  return [4, 5, 6, 7].reduce((size, i) => size * 2 ** shift + (tag[at + i] ?? 0), 0)
}

function cString(bytes: Uint8Array, from: number): [string, number] {
  const end = bytes.indexOf(0, from)
  return end < 0 ? ['', bytes.length] : [text(bytes.subarray(from, end)), end + 1]
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
