/**
 * Rostra's own way to listen: live segments, read as they are made and appended to a Media Source.
 * Whatever breaks (network, sleep, a server that restarts, an expired ticket), it comes back by itself, where
 * it broke off or at the newest segment, without another press. Goes on in a hidden tab: what it does, it does
 * when audio comes, and its timer is only for when none does. Knows nothing of the page; tells it through `Hooks`.
 */

import { backoff_s, pause } from './backoff'
import { ProgrammeClock } from './clock'
import { readEvents } from './emsg'
import { cadenceOf, rungOf } from './events'
import { get, getJson, HttpError, tellNowAndThen } from './http'
import { MediaSourceClass } from './media-source'
import { Playhead } from './playhead'
import type { Hooks, Player, Playing, Ticket } from './player'
import { canSave, choose, patience_s, type Rendition } from './rendition'
import { CHUNKS_PER_SEGMENT, readSegments } from './segments'
import { Source } from './source'
import { CHUNK_S } from './target'
import { Timeline } from './timeline'

/** How far the programme is made. */
interface Made {
  /** Of the newest sample. */
  segment: number
  samples: number
}

interface LiveDocument extends Made {
  run: string
  anchor_utc_ns: number
  renditions: Rendition[]
  /** Chunks that come at once, and how many soon will. */
  cadence?: number
  next_cadence?: number
  /** The crowd is larger than the machine: the cheaper rendition is to be taken. */
  low?: boolean
  /** Behind a cache: how often to say that somebody listens. */
  beacon_s?: number
}

const RATE = 48_000
const SEGMENT_SAMPLES = 184_320
const QUANTUM_SAMPLES = 15_360
/** So many whole segments before the one in the making are fetched, lest a word be missed: one may be over until it is asked. */
const MOST_BACK = 1
const TICK_MS = 100
/** Without a chunk for so long, beyond the cadence, the stream is taken for dead. */
const SILENT_S = 3
/** Without sound for so long, the page says that it waits. */
const WAITING_S = 0.5
/** Without sound for so long, the page says what fails. */
const DRY_S = 1.5
/** What is in hand at the end may take so much longer to be heard than it lasts. */
const FINISH_SLACK_S = 1
/** Sources that broke without one chunk heard, after which another player is tried. */
const MOST_BROKEN = 3
/** Stretches of which nothing came, after which one is tried that asks for whole answers: something on the way hands on no other. */
const MOST_SILENT = 3

const mimeOf = (rendition: Rendition) => `audio/mp4; codecs="${rendition.codec}"`
const plays = (rendition: Rendition) => MediaSourceClass?.isTypeSupported(mimeOf(rendition)) ?? false
const now_s = () => performance.now() / 1000

export class LivePlayer implements Player {
  readonly name = 'mse'
  readonly received = { bytes: 0, seconds: 0 }
  rejoins = -1
  rendition = ''
  canSave = false

  readonly #stopped = new AbortController()
  #timeline = new Timeline()
  readonly #head: Playhead
  #saving: boolean
  #blocked = false
  #clock = new ProgrammeClock(0)
  #source: Source
  /** Run and codec that the source takes. */
  #sourceOf = ''
  #ticket: Ticket | null = null
  #attempt = new AbortController()
  #attempts = 0
  #broken = 0
  #silent = 0
  #asks = false
  #lastChunk_s = 0
  #heard = false
  #dryFrom_s = 0
  #retryAt_ms = 0
  #rung: string | undefined
  #changing = 0

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly hooks: Hooks,
    saving: boolean,
  ) {
    this.#saving = saving
    this.#source = Source.attach(audio, () => this.#appended())
    this.#head = new Playhead(audio, () => this.#source.newest, () => this.#clock)
  }

  get latency_s(): number {
    return this.#clock.behind_s(this.audio.currentTime, now_s(), Date.now() / 1000)
  }

  get stalls(): number {
    return this.#head.stalls
  }

  start(): void {
    const { signal } = this.#stopped
    this.#dryFrom_s = now_s()
    this.audio.addEventListener('waiting', () => this.#sourceOf && this.#head.ranDry(now_s()), { signal })
    for (const name of ['playing', 'timeupdate']) this.audio.addEventListener(name, () => this.#tick(), { signal })
    this.audio.addEventListener('error', () => this.#attempt.abort(), { signal })
    addEventListener('offline', () => this.#attempt.abort(), { signal })
    this.audio.addEventListener('pause', () => this.#heard && !this.audio.ended && this.#block(), { signal }) // for a call, or for another app
    const timer = setInterval(() => this.#tick(), TICK_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.hooks.playing({ kind: 'starting' })
    this.#play()
    void this.#run()
  }

  stop(): void {
    clearTimeout(this.#changing)
    this.#stopped.abort()
    this.#attempt.abort()
    this.#source.close()
  }

  async finish(): Promise<void> {
    const { signal } = this.#stopped
    const until_s = now_s() + this.#unheard_s + FINISH_SLACK_S
    this.#source.end()
    while (this.#unheard_s > 0 && !this.audio.paused && now_s() < until_s && !signal.aborted) await pause(TICK_MS / 1000, signal)
  }

  get #unheard_s(): number {
    return (this.#source.newest?.end ?? 0) - this.audio.currentTime
  }

  save(saving: boolean): void {
    this.#saving = saving
    this.#attempt.abort('switch')
  }

  /** The one owner of retries. */
  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const { signal } = (this.#attempt = new AbortController())
      this.rejoins += 1
      try {
        await this.#follow(signal)
      } catch (error) {
        if (this.#stopped.signal.aborted || (await this.#isOver(error))) return
      }
      if (signal.reason === 'switch') continue
      this.#attempt.abort()
      if (this.#broken >= MOST_BROKEN || this.#silent >= MOST_SILENT) return this.hooks.failed()
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

  /** Join, where it broke off if that is not far behind, and follow the programme until something goes wrong. */
  async #follow(signal: AbortSignal): Promise<void> {
    this.#asks = false
    this.#lastChunk_s = Infinity // joining has its own deadlines, or takes as long as a line does
    this.#ticket ??= await this.hooks.join()
    const asked_s = now_s()
    this.#lastChunk_s = asked_s + SILENT_S
    const live = await getJson<LiveDocument>(`${this.#ticket.base}live.json`)
    signal.throwIfAborted() // the element may be another's meanwhile
    const roundTrip_s = now_s() - asked_s
    if (live.beacon_s) void tellNowAndThen(`${this.#ticket.base}beacon`, live.beacon_s, signal)
    const rendition = choose(live.renditions, plays, this.#saving || (live.low ?? false))
    if (!rendition) return this.hooks.failed()
    this.canSave = canSave(live.renditions, plays)
    const folder = `${this.#ticket.base}${live.run}/${rendition.name}/`
    await this.#prepare(live, rendition, folder, signal)
    this.#announced(Math.max(live.cadence ?? 1, live.next_cadence ?? 1))
    const inHand_s = this.#head.place(live.samples / RATE) ? this.#source.newest?.end : undefined
    const goesOn = segmentAfter(live, inHand_s)
    this.#timeline.clear((goesOn ?? 0) * SEGMENT_SAMPLES)
    const first = goesOn ?? firstSegment(live, this.#head.steering.target.cadence_s)
    this.#lastChunk_s = now_s()
    this.#asks = true
    for await (const chunk of readSegments(folder, first, roundTrip_s, signal)) this.#take(chunk)
  }

  /** Make sure that the source takes this rendition of this run; one of the same codec goes into the same source. */
  async #prepare(live: LiveDocument, rendition: Rendition, folder: string, signal: AbortSignal): Promise<void> {
    const wanted = `${live.run}/${rendition.codec}`
    const goesOn = this.#source.usable && this.#sourceOf === wanted
    if (goesOn && this.rendition === rendition.name) return
    if (!goesOn && this.#sourceOf) {
      this.#broken += this.audio.error ? 1 : 0
      this.#source.close()
      this.#source = Source.attach(this.audio, () => this.#appended())
      this.#play()
    }
    const init = new Uint8Array(await (await get(`${folder}init.mp4`, { signal })).arrayBuffer())
    this.received.bytes += init.length
    this.rendition = rendition.name
    if (goesOn) return this.#source.append(init)
    this.#clock = new ProgrammeClock(live.anchor_utc_ns / 1e9)
    this.#timeline = new Timeline()
    this.#sourceOf = wanted
    await this.#source.open(mimeOf(rendition), init)
  }

  #take(chunk: Uint8Array<ArrayBuffer>): void {
    this.#lastChunk_s = now_s()
    this.#attempts = this.#silent = 0
    this.received.bytes += chunk.length
    this.received.seconds += CHUNK_S
    const events = readEvents(chunk)
    for (const event of events) {
      this.#announced(cadenceOf(event))
      this.#climbed(rungOf(event))
    }
    this.#timeline.add(events)
    this.#head.came(now_s())
    this.#source.append(chunk)
    this.#tick()
  }

  /** So many chunks come at once, now or soon. */
  #announced(cadence: number | undefined): void {
    if (cadence) this.#head.steering.target.announced(cadence * CHUNK_S, now_s())
  }

  /** The ladder moved: by and by, ask anew which rendition is to be taken. */
  #climbed(rung: string | undefined): void {
    if (rung === undefined || rung === this.#rung) return
    const isFirst = this.#rung === undefined // heard on joining, when it was asked already
    this.#rung = rung
    if (isFirst || this.#saving || !this.canSave) return
    clearTimeout(this.#changing)
    this.#changing = window.setTimeout(() => this.#attempt.abort('switch'), patience_s() * 1000)
  }

  #appended(): void {
    const newest = this.#source.newest
    if (newest) this.#clock.arrived(newest.end, now_s())
    if (this.#head.appended(now_s(), Date.now() / 1000) && this.audio.paused) this.#play()
  }

  /** Called often while sound comes, and by a timer that may be slow in a hidden tab. */
  #tick(): void {
    const now = now_s()
    for (const event of this.#timeline.due(this.audio.currentTime)) this.hooks.event(event)
    const silent_s = SILENT_S + this.#head.steering.target.cadence_s - CHUNK_S
    if (now - this.#lastChunk_s > silent_s && !this.#attempt.signal.aborted) {
      this.#silent += Number(this.#asks)
      this.#attempt.abort()
    }
    if (!this.audio.paused && this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) {
      this.#dryFrom_s = now
      this.#heard = true
      this.#blocked = false
      this.#broken = 0
      this.#head.sounds(now)
      this.hooks.playing({ kind: 'playing', course: this.#head.steering.isCatchingUp ? 'catching_up' : 'live' })
    } else if (!this.#blocked) {
      const state = this.#dry(now - this.#dryFrom_s)
      if (state) this.hooks.playing(state)
    }
  }

  /** What to say of `dry_s` seconds without sound: nothing yet, that the network is slow, that it is gone. */
  #dry(dry_s: number): Playing | null {
    if (this.#attempts > 0) return dry_s > DRY_S ? { kind: 'reaching', retry_at_ms: this.#retryAt_ms } : null
    return this.#heard && dry_s > WAITING_S ? { kind: 'playing', course: 'waiting' } : null
  }

  #play(): void {
    if (this.#blocked) return
    this.audio.play().catch((error: unknown) => error instanceof DOMException && error.name === 'NotAllowedError' && this.#block())
  }

  /** A press is wanted before there is sound. */
  #block(): void {
    this.#blocked = true
    this.hooks.playing({ kind: 'blocked' })
  }
}

/**
 * The newest segment; the one before it while the newest is too short to start from, and to last until the next write.
 * The edge gives two before the one in the making, so one may begin before it is asked.
 */
export function firstSegment(live: Made, cadence_s: number): number {
  const inNewest = live.samples - live.segment * SEGMENT_SAMPLES
  return inNewest < Math.max(2 * QUANTUM_SAMPLES, cadence_s * RATE) ? Math.max(0, live.segment - 1) : live.segment
}

/**
 * The segment that goes on where what is in hand ends, its beginning a second time if need be; null where that
 * is further back than `MOST_BACK` whole segments.
 */
export function segmentAfter(live: Made, inHand_s = -Infinity): number | null {
  const segment = Math.floor(Math.round(inHand_s / CHUNK_S) / CHUNKS_PER_SEGMENT)
  const making = Math.floor(live.samples / SEGMENT_SAMPLES)
  return segment < making - MOST_BACK ? null : Math.min(segment, making)
}
