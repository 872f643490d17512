/**
 * ISO BMFF boxes: cuts a byte stream into CMAF chunks (`emsg`* `moof` `mdat`) as they arrive.
 * Never decodes, never fetches.
 */

/** One chunk of speech is about 3 kB; what is larger than this is not ours. */
export const MAX_CHUNK_BYTES = 1 << 20

export interface Box {
  type: string
  /** Offset of the first byte of the header. */
  start: number
  /** Offset of the first byte after the header. */
  body: number
  /** Offset behind the last byte; may lie beyond the bytes at hand. */
  end: number
}

/** The box that begins at `at`; null while its header is incomplete. */
export function boxAt(bytes: Uint8Array, at: number): Box | null {
  if (bytes.length - at < 8) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
  const small = view.getUint32(at)
  if (small !== 1) {
    if (small < 8) throw new RangeError(`box ${type} of ${small} bytes`)
    return { type, start: at, body: at + 8, end: at + small }
  }
  if (bytes.length - at < 16) return null
  return { type, start: at, body: at + 16, end: at + Number(view.getBigUint64(at + 8)) }
}

/** Collects bytes, gives back whole chunks in order, keeps the rest. */
export class ChunkSplitter {
  #held = new Uint8Array(0)

  /** Chunks that `bytes` completed; RangeError when the stream is not one of chunks. */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    let held = join(this.#held, bytes)
    const chunks: Uint8Array<ArrayBuffer>[] = []
    for (let at = 0; ; ) {
      const box = boxAt(held, at)
      if (box && box.end - box.start > MAX_CHUNK_BYTES) throw new RangeError(`box ${box.type} is too large`)
      if (!box || box.end > held.length) break
      at = box.end
      if (box.type !== 'mdat') continue
      chunks.push(held.slice(0, at))
      held = held.slice(at)
      at = 0
    }
    if (held.length > MAX_CHUNK_BYTES) throw new RangeError('no chunk in a megabyte')
    this.#held = held
    return chunks
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}
