/**
 * One listener's way through an evening: press once, hear, and hear on whatever breaks. Chooses the player
 * and owns the one `<audio>` element. Draws nothing.
 */

import type { RoomEvent } from '../player/events'
import { getJson } from '../player/http'
import { HlsJsPlayer, NativePlayer } from '../player/hls'
import { LivePlayer } from '../player/live'
import type { Player, Playing, Received, Ticket } from '../player/player'
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
  changed(state: Listening): void
  event(event: RoomEvent): void
  over(): Promise<boolean>
}

/** iPhone and iPad: playing HLS themselves is what keeps playing with the screen locked. */
const isApplePhone =
  /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1)

/** `?player=hls.js`: to measure that player in a browser that would not need it. */
const asked = new URLSearchParams(location.search).get('player')

export class ListeningSession {
  state: Listening = { kind: 'off' }
  player: Player | null = null
  /** The last that the door gave. */
  ticket: Ticket | null = null
  pressed_ms = 0
  firstAudio_ms: number | null = null
  /** By players that are no more. */
  readonly #before: Received = { bytes: 0, seconds: 0 }
  /** When the present rendition began. */
  #since: Received = { bytes: 0, seconds: 0 }
  #failed = new Set<Player['name']>()

  constructor(
    private readonly joinAddress: string,
    private readonly hooks: ListeningHooks,
    /** The reserved link that one came by, if any. */
    private readonly reserved: string,
    /** One that a press has unlocked already goes on sounding without another. */
    readonly audio = document.createElement('audio'),
  ) {
    this.audio.preload = 'auto'
    if (!this.audio.isConnected) document.body.append(this.audio)
  }

  /** The press before the start: unlock the element now, so that sound may begin without another press. */
  arm(): void {
    this.audio.src = silence()
    this.audio.play().catch(() => {})
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
    this.#become({ kind: 'off' })
  }

  /** Leave the element to somebody else. */
  handOver(): HTMLAudioElement {
    this.#letGo()
    return this.audio
  }

  #letGo(): void {
    Object.assign(this.#before, this.received)
    this.player?.stop()
    this.player = null
  }

  #begin(): void {
    this.#letGo()
    const Chosen = this.#choose()
    if (!Chosen) return this.#become({ kind: 'unplayable' })
    if (Chosen !== LivePlayer) {
      this.audio.src = silence() // inside the press; the stream's address is known only later
      this.audio.play().catch(() => {})
    }
    const player: Player = new Chosen(this.audio, {
      join: async () => {
        const body = JSON.stringify({ reserved: this.reserved })
        return (this.ticket = await getJson<Ticket>(this.joinAddress, { method: 'POST', body }))
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

  #choose(): (new (...given: ConstructorParameters<typeof LivePlayer>) => Player) | null {
    if (asked === 'hls.js') return HlsJsPlayer
    const native = NativePlayer.supported(this.audio) && !this.#failed.has('native')
    if (isApplePhone && native) return NativePlayer
    if (LivePlayer.supported && !this.#failed.has('mse')) return LivePlayer
    if ('MediaSource' in window && !this.#failed.has('hls.js')) return HlsJsPlayer
    return native ? NativePlayer : null
  }

  #become(state: Listening): void {
    if (state.kind === 'playing') this.firstAudio_ms ??= performance.now() - this.pressed_ms
    const before = this.state
    this.state = state
    if (before.kind !== state.kind || state.kind === 'reaching' || courseOf(before) !== courseOf(state)) this.hooks.changed(state)
  }
}

const courseOf = (state: Listening) => (state.kind === 'playing' ? state.course : null)
