/** Events out of chunks: `emsg` version 1 boxes with an ID3 tag (docs/architecture.md). For the page's own player. */

import { boxAt } from './boxes'
import type { RoomEvent } from './events'
import { cString, readId3 } from './id3'

const SCHEME = 'https://aomedia.org/emsg/ID3'
const FIXED_FIELDS = 24 // version and flags, timescale, time, duration, id

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
