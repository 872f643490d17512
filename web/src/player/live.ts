/**
 * Rostra's own way to listen: live segments, read as they are made and appended to a Media Source.
 * Whatever breaks (network, sleep, a server that restarts, an expired ticket), it comes back by itself at
 * the newest segment, without another press. Knows nothing of the page; tells it through `Hooks`.
 */

import { backoff_s, pause } from './backoff'
import { ProgrammeClock } from './clock'
import { cadenceOf, readEvents } from './events'
import { get, getJson, HttpError, tellNowAndThen } from './http'
import type { Hooks, Player, Ticket } from './player'
import { readSegments } from './segments'
import { MediaSourceClass, Source } from './source'
import { CHUNK_S, Steering } from './steering'
import { Timeline } from './timeline'

interface Rendition {
  name: string
  codec: string
}

interface LiveDocument {
  run: string
  anchor_utc_ns: number
  renditions: Rendition[]
  segment: number
  samples: number
  /** Chunks that come at once, and how many soon will. */
  cadence?: number
  next_cadence?: number
  /** Behind a cache: how often to say that somebody listens. */
  beacon_s?: number
}

const RATE = 48_000
const SEGMENT_SAMPLES = 184_320
const QUANTUM_SAMPLES = 15_360
const PREFERRED = ['opus32', 'aac64']
const TICK_MS = 100
/** Without a chunk for so long, the stream is taken for dead. */
const SILENT_S = 3
/** Without sound for so long, the page says so. */
const DRY_S = 1.5
/** Silence up to here is a late chunk; beyond, a server was away, and no margin would have helped. */
const LATE_CHUNK_S = 1
/** Sources that broke without one chunk heard, after which another player is tried. */
const MOST_BROKEN = 3

const mimeOf = (rendition: Rendition) => `audio/mp4; codecs="${rendition.codec}"`
const now_s = () => performance.now() / 1000

export class LivePlayer implements Player {
  readonly name = 'mse'
  stalls = 0
  rejoins = -1
  rendition = ''

  readonly #stopped = new AbortController()
  readonly #steering = new Steering()
  readonly #timeline = new Timeline()
  #blocked = false
  #clock = new ProgrammeClock(0)
  #source: Source
  #sourceOf = ''
  #ticket: Ticket | null = null
  #attempt = new AbortController()
  #attempts = 0
  #broken = 0
  #lastChunk_s = 0
  #dryFrom_s = 0
  #stalledAt_s: number | null = null
  #placeAt_s: number | null = null
  #retryAt_ms = 0

  static get supported(): boolean {
    return MediaSourceClass !== undefined && 'body' in Response.prototype
  }

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly hooks: Hooks,
  ) {
    this.#source = Source.attach(audio, () => this.#appended())
  }

  get latency_s(): number {
    return this.#clock.behind_s(this.audio.currentTime, now_s(), Date.now() / 1000)
  }

  start(): void {
    const { signal } = this.#stopped
    this.#dryFrom_s = now_s()
    this.audio.addEventListener('waiting', () => this.#stalled(), { signal })
    this.audio.addEventListener('playing', () => this.#tick(), { signal })
    this.audio.addEventListener('error', () => this.#attempt.abort(), { signal })
    addEventListener('offline', () => this.#attempt.abort(), { signal })
    const timer = setInterval(() => this.#tick(), TICK_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.hooks.playing({ kind: 'starting' })
    this.#play()
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
    this.#attempt.abort()
    this.#source.close()
  }

  /** The one owner of retries. */
  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#attempt = new AbortController()
      this.rejoins += 1
      try {
        await this.#follow(this.#attempt.signal)
      } catch (error) {
        if (this.#stopped.signal.aborted || (await this.#isOver(error))) return
      }
      this.#attempt.abort()
      if (this.#broken >= MOST_BROKEN) return this.hooks.failed()
      const wait_s = backoff_s(this.#attempts++)
      this.#retryAt_ms = performance.now() + wait_s * 1000
      await pause(wait_s, this.#stopped.signal)
    }
  }

  async #isOver(error: unknown): Promise<boolean> {
    if (!(error instanceof HttpError) || error.status >= 500) return false
    this.#ticket = null // refused, expired, or of a run that is over: the door knows what holds now
    return error.status !== 403 && error.status !== 429 && (await this.hooks.over())
  }

  /** Join at the newest segment and follow the programme until something goes wrong. */
  async #follow(signal: AbortSignal): Promise<void> {
    this.#lastChunk_s = now_s() + SILENT_S // joining has its own deadlines
    this.#ticket ??= await this.hooks.join()
    const live = await getJson<LiveDocument>(`${this.#ticket.base}live.json`)
    this.#steering.cadence = Math.max(live.cadence ?? 1, live.next_cadence ?? 1)
    if (live.beacon_s) void tellNowAndThen(`${this.#ticket.base}beacon`, live.beacon_s, signal)
    const rendition = choose(live.renditions)
    if (!rendition) return this.hooks.failed()
    const folder = `${this.#ticket.base}${live.run}/${rendition.name}/`
    await this.#prepare(live, rendition, folder, signal)
    this.#timeline.clear()
    this.#placeAt_s = live.samples / RATE
    this.#lastChunk_s = now_s()
    for await (const chunk of readSegments(folder, firstSegment(live), signal)) this.#take(chunk)
  }

  /** Make sure that the source takes this rendition of this run. */
  async #prepare(live: LiveDocument, rendition: Rendition, folder: string, signal: AbortSignal): Promise<void> {
    const wanted = `${live.run}/${rendition.name}`
    if (this.#source.usable && this.#sourceOf === wanted) return
    if (this.#sourceOf) {
      this.#broken += this.audio.error ? 1 : 0
      this.#source.close()
      this.#source = Source.attach(this.audio, () => this.#appended())
      this.#play()
    }
    const init = await get(`${folder}init.mp4`, { signal })
    this.#clock = new ProgrammeClock(live.anchor_utc_ns / 1e9)
    this.#sourceOf = wanted
    this.rendition = rendition.name
    await this.#source.open(mimeOf(rendition), new Uint8Array(await init.arrayBuffer()))
  }

  #take(chunk: Uint8Array<ArrayBuffer>): void {
    this.#lastChunk_s = now_s()
    this.#attempts = 0
    const events = readEvents(chunk)
    for (const event of events) this.#steering.cadence = cadenceOf(event) ?? this.#steering.cadence
    this.#timeline.add(events)
    this.#source.append(chunk)
    const ahead_s = this.#ahead_s
    if (this.#placeAt_s === null && ahead_s !== null) this.#steering.arrived(ahead_s, now_s())
  }

  #appended(): void {
    const newest = this.#source.newest
    if (!newest) return
    this.#clock.arrived(newest.end, now_s())
    if (this.#placeAt_s !== null) {
      if (newest.end < this.#placeAt_s - 0.01) return // older chunks of the segment are still coming in
      this.#placeAt_s = null
      const ahead_s = this.#ahead_s
      if (ahead_s !== null && ahead_s > 0.05 && ahead_s < this.#steering.start_s + 1) return
      this.#jump()
    } else if (this.#steering.tooFar || this.#ahead_s === null) {
      this.#jump()
    }
  }

  /** Audio in hand ahead of what is heard; null when the two do not join up. */
  get #ahead_s(): number | null {
    const newest = this.#source.newest
    const heard_s = this.audio.currentTime
    return newest && heard_s >= newest.start - 0.01 ? newest.end - heard_s : null
  }

  /** Go to where a newcomer would start. */
  #jump(): void {
    const newest = this.#source.newest
    if (!newest) return
    this.audio.currentTime = Math.max(newest.start, newest.end - this.#steering.start_s)
    this.#steering.moved()
    if (this.audio.paused) this.#play()
  }

  #stalled(): void {
    const inMidst = this.#placeAt_s === null && !this.audio.seeking && this.#stalledAt_s === null
    if (!inMidst || this.#sourceOf === '') return
    this.#stalledAt_s = now_s()
    this.stalls += 1
  }

  #recovered(): void {
    if (this.#stalledAt_s === null) return
    if (now_s() - this.#stalledAt_s < LATE_CHUNK_S) this.#steering.stalled(now_s())
    else this.#steering.moved()
    this.#stalledAt_s = null
  }

  #tick(): void {
    const now = now_s()
    for (const event of this.#timeline.due(this.audio.currentTime)) this.hooks.event(event)
    if (now - this.#lastChunk_s > SILENT_S + this.#steering.cadence * CHUNK_S) this.#attempt.abort()
    const sounding = !this.audio.paused && this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA
    if (sounding) {
      this.#dryFrom_s = now
      this.#recovered()
      this.#broken = 0
      this.audio.playbackRate = this.#steering.rate
      this.hooks.playing({ kind: 'playing' })
    } else if (now - this.#dryFrom_s > DRY_S && !this.#blocked) {
      this.hooks.playing({ kind: 'reaching', retry_at_ms: this.#retryAt_ms })
    }
  }

  #play(): void {
    this.audio.play().then(
      () => (this.#blocked = false),
      (error: unknown) => {
        this.#blocked = error instanceof DOMException && error.name === 'NotAllowedError'
        if (this.#blocked) this.hooks.playing({ kind: 'blocked' })
      },
    )
  }
}

function choose(renditions: Rendition[]): Rendition | undefined {
  const playable = renditions.filter((rendition) => MediaSourceClass?.isTypeSupported(mimeOf(rendition)))
  const rank = (rendition: Rendition) => (PREFERRED.indexOf(rendition.name) + 99) % 99
  return playable.sort((a, b) => rank(a) - rank(b))[0]
}

/** The newest segment; the one before it while the newest is too short to start from. */
function firstSegment(live: LiveDocument): number {
  const inNewest = live.samples - live.segment * SEGMENT_SAMPLES
  return inNewest < 2 * QUANTUM_SAMPLES && live.segment > 0 ? live.segment - 1 : live.segment
}
