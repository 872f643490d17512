/**
 * Reads live segments one after another from the edge, chunk by chunk as they are cut. Asks for a stretch of
 * several at once, and for the next one a round trip before the present one ends. Where a response breaks off
 * at the end of a segment, as when a server hands its listeners over, it goes on with the next. Throws on
 * whatever else goes wrong; never retries.
 */

import { ChunkSplitter } from './boxes'
import { get } from './http'
import { CHUNK_S } from './target'

export const CHUNKS_PER_SEGMENT = 12
/** Segments in one request at most. */
const STRETCH = 16
/** At which segments this page asks again: one of four, so that a crowd takes turns and few names are asked for. */
const DEAL = 4 * Math.floor(4 * Math.random())

/** The last segment of the stretch that begins with `first`. */
export const lastOf = (first: number, deal: number) => first + STRETCH - 1 - ((first + deal) % STRETCH)

/**
 * Ask for the next stretch when so many chunks of the present one are yet to come: one round trip early, and
 * what the page may take to ask. The edge holds requests up to one segment ahead.
 */
export function earlyChunks(roundTrip_s: number): number {
  return Math.min(CHUNKS_PER_SEGMENT - 1, Math.max(1, Math.ceil((roundTrip_s + 0.1) / CHUNK_S)))
}

export async function* readSegments(
  folder: string,
  first: number,
  roundTrip_s: number,
  signal: AbortSignal,
  deal = DEAL,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const ask = () => get(`${folder}${first}-${lastOf(first, deal)}.m4s`, { signal })
  let next: Promise<Response> | undefined
  for (;;) {
    const from = first
    const end = lastOf(from, deal) + 1
    const askAt = (end - from) * CHUNKS_PER_SEGMENT - earlyChunks(roundTrip_s)
    const current = next ?? ask()
    next = undefined
    let seen = 0
    let broke: Error | undefined
    try {
      for await (const chunk of readChunks(await current)) {
        seen += 1
        if (seen === askAt) {
          first = end
          next = ask()
          next.catch(() => {}) // awaited above, unless this stretch fails first
        }
        yield chunk
      }
    } catch (error) {
      broke = error as Error
    }
    if (signal.aborted || !seen || (broke && seen % CHUNKS_PER_SEGMENT)) throw broke ?? new Error('no audio')
    first = from + Math.ceil(seen / CHUNKS_PER_SEGMENT)
  }
}

async function* readChunks(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader()
  if (!reader) throw new Error('no streams')
  const splitter = new ChunkSplitter()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield* splitter.push(value)
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
