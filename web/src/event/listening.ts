/**
 * One listener's way through an evening: press once, hear, and hear on whatever breaks. Chooses the player
 * and owns the one `<audio>` element. Draws nothing.
 */

import type { RoomEvent } from '../player/events'
import { backoff_s } from '../player/backoff'
import { playsSegments } from '../player/media-source'
import type { Hooks, Player, Playing, Received, Ticket } from '../player/player'
import { saver } from './saver'
import { silence } from './silence'

export type Listening =
  | { kind: 'off' }
  /** Pressed ahead of time: starts by itself when the space is live. */
  | { kind: 'armed' }
  /** No player works in this browser. */
  | { kind: 'unplayable' }
  | Playing

export interface ListeningHooks {
  /** Resolves once one is let in, which may be long. */
  join(): Promise<Ticket>
  changed(state: Listening): void
  event(event: RoomEvent): void
  over(): Promise<boolean>
  /** What plays was not reached; resolves when it may be asked for again. */
  missed(): Promise<void>
}

/** iPhone and iPad: playing HLS themselves is what keeps playing with the screen locked. */
const isApplePhone =
  /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1)

/** `?player=hls.js`: to measure that player in a browser that would not need it. */
const asked = new URLSearchParams(location.search).get('player')

type PlayerClass = new (audio: HTMLAudioElement, hooks: Hooks, saving: boolean) => Player

/** Each is loaded by the browsers that play by it. */
const PLAYERS: Record<Player['name'], () => Promise<PlayerClass>> = {
  mse: async () => (await import('../player/live')).LivePlayer,
  native: async () => (await import('../player/native')).NativePlayer,
  'hls.js': async () => (await import('../player/hls-js')).HlsJsPlayer,
}

export class ListeningSession {
  state: Listening = { kind: 'off' }
  player: Player | null = null
  /** The last that the door gave. */
  ticket: Ticket | null = null
  pressed_ms = 0
  firstAudio_ms: number | null = null
  /** The browser did not let the press ahead unlock the sound, or there was none. */
  locked = false
  /** By players that are no more. */
  readonly #before: Received = { bytes: 0, seconds: 0 }
  /** When the present rendition began. */
  #since: Received = { bytes: 0, seconds: 0 }
  #failed = new Set<Player['name']>()
  readonly #loaded = new Map<Player['name'], PlayerClass>()
  /** Counts what was begun: what has been loaded for another turn is too late. */
  #turn = 0
  #tries = 0
  #again = 0

  constructor(
    private readonly hooks: ListeningHooks,
    /** One that a press has unlocked already goes on sounding without another. */
    readonly audio = document.createElement('audio'),
  ) {
    this.audio.preload = 'auto'
    if (!this.audio.isConnected) document.body.append(this.audio)
  }

  /** Load what will play, to be there at the press. */
  prepare(): void {
    const chosen = this.#choose()
    if (chosen) this.#load(chosen).catch(() => {}) // asked for again at the press
  }

  /** The press before the start: unlock the element now, so that sound may begin without another press. */
  arm(): void {
    this.#unlock()
    this.#become({ kind: 'armed' })
  }

  /** The press, or the start that an armed listener waited for. */
  listen(): void {
    this.pressed_ms = performance.now()
    this.firstAudio_ms = null
    this.#begin()
  }

  /** The further press that a browser asked for. */
  unblock(): void {
    if (this.state.kind === 'armed') return this.#unlock()
    this.locked = false
    this.#become({ kind: 'starting' })
    this.audio.play().catch(() => this.#become({ kind: 'blocked' }))
  }

  /** In this visit. */
  get received(): Received {
    const now = this.player?.received
    return { bytes: this.#before.bytes + (now?.bytes ?? 0), seconds: this.#before.seconds + (now?.seconds ?? 0) }
  }

  /** What an hour of the present rendition costs, in bytes; null until a second of it came. */
  get hourly_bytes(): number | null {
    const { bytes, seconds } = this.received
    const of_s = seconds - this.#since.seconds
    return of_s < 1 ? null : ((bytes - this.#since.bytes) / of_s) * 3600
  }

  /** Remember whether data is to be saved, and heed it at once. */
  save(saving: boolean): void {
    saver.on = saving
    this.#since = this.received
    this.player?.save(saving)
  }

  /** The programme is over: what is in hand is still heard. */
  async finish(): Promise<void> {
    await this.player?.finish()
  }

  stop(): void {
    this.#letGo()
    this.audio.pause()
    this.audio.removeAttribute('src')
    this.audio.load() // else an iPhone would go on fetching what it no longer plays (HTML, "media element load algorithm")
    this.#become({ kind: 'off' })
  }

  /** Leave the element to somebody else. */
  handOver(): HTMLAudioElement {
    this.#letGo()
    return this.audio
  }

  #unlock(): void {
    this.audio.src = silence()
    this.audio.play().then(
      () => (this.locked = false),
      (error: unknown) => (this.locked = error instanceof DOMException && error.name === 'NotAllowedError'),
    )
  }

  #letGo(): void {
    Object.assign(this.#before, this.received)
    this.player?.stop()
    this.player = null
    clearTimeout(this.#again)
    this.#turn += 1
  }

  #begin(): void {
    this.#letGo()
    const chosen = this.#choose()
    if (!chosen) return this.#become({ kind: 'unplayable' })
    const atHand = this.#loaded.get(chosen)
    if (chosen === 'mse' && atHand) return this.#start(atHand)
    this.#unlock() // inside the press; what plays, or the stream's address, is known only later
    this.#become({ kind: 'starting' })
    const turn = this.#turn
    this.#load(chosen).then(
      (player) => turn === this.#turn && this.#start(player),
      () => turn === this.#turn && this.#beginAgain(),
    )
  }

  async #load(name: Player['name']): Promise<PlayerClass> {
    const player = await PLAYERS[name]()
    this.#loaded.set(name, player)
    return player
  }

  /** The way to play was not reached. */
  #beginAgain(): void {
    const wait_ms = backoff_s(this.#tries++) * 1000
    this.#become({ kind: 'reaching', retry_at_ms: performance.now() + wait_ms })
    const turn = this.#turn
    this.#again = window.setTimeout(() => this.hooks.missed().then(() => turn === this.#turn && this.#begin()), wait_ms)
  }

  #start(Chosen: PlayerClass): void {
    this.#tries = 0
    const player: Player = new Chosen(this.audio, {
      join: async () => {
        const ticket = (this.ticket = await this.hooks.join())
        if (this.player === player && this.state.kind === 'reaching') this.#become({ kind: 'starting' })
        return ticket
      },
      playing: (state) => this.player === player && this.#become(state),
      event: (event) => this.hooks.event(event),
      over: () => this.hooks.over(),
      failed: () => {
        this.#failed.add(player.name)
        if (!this.#choose()) this.#failed.clear() // Nothing else is left: each gets another turn.
        if (this.player === player) this.#begin()
      },
    }, saver.on)
    this.player = player
    player.start()
  }

  #choose(): Player['name'] | null {
    if (asked === 'hls.js') return asked
    const native = this.audio.canPlayType('application/vnd.apple.mpegurl') !== '' && !this.#failed.has('native')
    if (isApplePhone && native) return 'native'
    if (playsSegments && !this.#failed.has('mse')) return 'mse'
    if ('MediaSource' in window && !this.#failed.has('hls.js')) return 'hls.js'
    return native ? 'native' : null
  }

  #become(state: Listening): void {
    if (state.kind === 'playing') this.firstAudio_ms ??= performance.now() - this.pressed_ms
    const before = this.state
    this.state = state
    if (before.kind !== state.kind || state.kind === 'reaching' || courseOf(before) !== courseOf(state)) this.hooks.changed(state)
  }
}

const courseOf = (state: Listening) => (state.kind === 'playing' ? state.course : null)
