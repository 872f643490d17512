/** Events out of ID3 tags: a PRIV frame `rostra.events` with JSON in it (docs/architecture.md). Every player has them. */

import type { RoomEvent } from './events'

const OWNER = 'rostra.events'

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

/** The text from `from` to its zero, and where the next begins. */
export function cString(bytes: Uint8Array, from: number): [string, number] {
  const end = bytes.indexOf(0, from)
  return end < 0 ? ['', bytes.length] : [text(bytes.subarray(from, end)), end + 1]
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
