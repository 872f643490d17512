/** Bytes for tests: boxes, chunks and events as the tape holds them. */

export function box(type: string, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8)
  const out = new Uint8Array(size)
  new DataView(out.buffer).setUint32(0, size)
  out.set(ascii(type), 4)
  let at = 8
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export const ascii = (text: string) => new TextEncoder().encode(text)

export function id3(event: object, owner = 'rostra.events'): Uint8Array {
  const body = joined(ascii(`${owner}\0`), ascii(JSON.stringify(event)))
  const frame = joined(ascii('PRIV'), synchsafe(body.length), new Uint8Array(2), body)
  return joined(ascii('ID3'), new Uint8Array([4, 0, 0]), synchsafe(frame.length), frame)
}

export function emsg(event: object, scheme = 'https://aomedia.org/emsg/ID3'): Uint8Array {
  const fixed = new Uint8Array(24)
  fixed[0] = 1
  return box('emsg', fixed, ascii(`${scheme}\0`), ascii('\0'), id3(event))
}

export function chunk(payload: string, ...events: Uint8Array[]): Uint8Array {
  return joined(...events, box('moof', ascii('header')), box('mdat', ascii(payload)))
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => Array.from(part)))
}

function synchsafe(size: number): Uint8Array {
  return new Uint8Array([21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f))
}
