/**
 * Reads live segments one after another from the edge, chunk by chunk as they are cut, and asks for the
 * next one a round trip before the present one ends. Throws on the first thing that goes wrong; never retries.
 */

import { ChunkSplitter } from './boxes'
import { get } from './http'
import { CHUNK_S } from './target'

const CHUNKS_PER_SEGMENT = 12

/**
 * Ask for the next segment when so many chunks of the present one are yet to come: one round trip early, and
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
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const askAt = CHUNKS_PER_SEGMENT - earlyChunks(roundTrip_s)
  let current = get(`${folder}${first}.m4s`, { signal })
  for (let number = first; ; number += 1) {
    const ask = () => get(`${folder}${number + 1}.m4s`, { signal })
    let next: Promise<Response> | undefined
    let seen = 0
    for await (const chunk of readChunks(await current)) {
      seen += 1
      if (seen === askAt) {
        next = ask()
        next.catch(() => {}) // awaited below, unless this segment fails first
      }
      yield chunk
    }
    current = next ?? ask()
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
