/** A twentieth of a second of nothing, as a WAV file: what unlocks an `<audio>` element inside a press. */

const RATE = 8000
const SAMPLES = RATE / 20

let address = ''

export function silence(): string {
  address ||= URL.createObjectURL(new Blob([wav()], { type: 'audio/wav' }))
  return address
}

/** RIFF WAVE, PCM, mono, 8 bit. */
function wav(): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(44 + SAMPLES))
  const ascii = (at: number, text: string) => Array.from(text, (c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  ascii(0, 'RIFF')
  view.setUint32(4, 36 + SAMPLES, true)
  ascii(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, RATE, true)
  view.setUint32(28, RATE, true)
  view.setUint16(32, 1, true)
  view.setUint16(34, 8, true)
  ascii(36, 'data')
  view.setUint32(40, SAMPLES, true)
  new Uint8Array(view.buffer, 44).fill(128)
  return view.buffer
}
