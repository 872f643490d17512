/**
 * The Media Source behind the `<audio>` element: appends chunks one after another, drops what was heard
 * long ago. Never fetches, never seeks.
 */

import { MediaSourceClass } from './media-source'

/** Audio older than half a minute is dropped, a few seconds at a time. */
const OLDEST_S = 30
const TRIM_S = 4
/** Chunks waiting to be appended; more means that the browser no longer takes them. */
const MOST_WAITING = 128

/** A stretch of audio in hand: seconds of media time. */
export interface Stretch {
  start: number
  end: number
}

export class Source {
  readonly #media: MediaSource
  readonly #url: string
  #buffer: SourceBuffer | null = null
  #waiting: Uint8Array<ArrayBuffer>[] = []
  #isWhole = false

  private constructor(
    private readonly audio: HTMLAudioElement,
    private readonly changed: () => void,
  ) {
    if (!MediaSourceClass) throw new Error('no MediaSource')
    this.#media = new MediaSourceClass()
    this.#url = URL.createObjectURL(this.#media)
    // Safari opens a managed source only for an element that will not be sent to another device.
    audio.disableRemotePlayback = true
    audio.src = this.#url
  }

  /** Put a new source under `audio`; `changed` is called after every append. */
  static attach(audio: HTMLAudioElement, changed: () => void): Source {
    return new Source(audio, changed)
  }

  /** Whether chunks can (still) be appended. */
  get usable(): boolean {
    return this.#media.readyState === 'open' && this.#buffer !== null && !this.audio.error
  }

  /** Wait for the element to open the source, then declare what will be appended. */
  async open(mime: string, init: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#media.readyState !== 'open') {
      await new Promise((resolve) => this.#media.addEventListener('sourceopen', resolve, { once: true }))
    }
    this.#buffer = this.#media.addSourceBuffer(mime)
    this.#buffer.addEventListener('updateend', () => this.#appended())
    this.append(init)
  }

  /** Append in order; RangeError when the browser has stopped taking bytes. */
  append(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#waiting.length >= MOST_WAITING) throw new RangeError('appends pile up')
    this.#waiting.push(bytes)
    this.#pump()
  }

  /** The last stretch of audio in hand; null when there is none. */
  get newest(): Stretch | null {
    try {
      const ranges = this.#buffer?.buffered
      if (!ranges?.length) return null
      return { start: ranges.start(ranges.length - 1), end: ranges.end(ranges.length - 1) }
    } catch {
      return null // the element took another source
    }
  }

  /** Nothing comes after what has been appended: the element plays it to its last sample. */
  end(): void {
    this.#isWhole = true
    this.#pump()
  }

  close(): void {
    this.#waiting = []
    this.#buffer = null
    URL.revokeObjectURL(this.#url)
  }

  #appended(): void {
    this.#pump()
    this.changed()
  }

  #pump(): void {
    const buffer = this.#buffer
    if (!buffer || buffer.updating || !this.usable) return
    try {
      const heard = this.audio.currentTime
      const oldest = buffer.buffered.length ? buffer.buffered.start(0) : heard
      if (heard - oldest > OLDEST_S - 1) {
        buffer.remove(oldest, heard - OLDEST_S + TRIM_S)
        return
      }
      const next = this.#waiting[0]
      if (!next) return this.#isWhole ? this.#media.endOfStream() : undefined
      buffer.appendBuffer(next)
      this.#waiting.shift()
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error
      buffer.remove(0, Math.max(this.audio.currentTime - 5, 0.001))
    }
  }
}
