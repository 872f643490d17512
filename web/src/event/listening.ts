/**
 * One listener's way through an evening: press once, hear, and hear on whatever breaks. Chooses the player
 * and owns the one `<audio>` element. Draws nothing.
 */

import type { RoomEvent } from '../player/events'
import { getJson } from '../player/http'
import { HlsJsPlayer, NativePlayer } from '../player/hls'
import { LivePlayer } from '../player/live'
import type { Player, Playing, Ticket } from '../player/player'
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

export class ListeningSession {
  readonly audio = document.createElement('audio')
  state: Listening = { kind: 'off' }
  player: Player | null = null
  pressed_ms = 0
  firstAudio_ms: number | null = null
  #failed = new Set<Player['name']>()

  constructor(
    private readonly joinAddress: string,
    private readonly hooks: ListeningHooks,
  ) {
    this.audio.preload = 'auto'
    document.body.append(this.audio)
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

  stop(): void {
    this.player?.stop()
    this.player = null
    this.audio.pause()
    this.audio.removeAttribute('src')
    this.#become({ kind: 'off' })
  }

  #begin(): void {
    this.player?.stop()
    const Chosen = this.#choose()
    if (!Chosen) return this.#become({ kind: 'unplayable' })
    if (Chosen !== LivePlayer) {
      this.audio.src = silence() // inside the press; the stream's address is known only later
      this.audio.play().catch(() => {})
    }
    const player: Player = new Chosen(this.audio, {
      join: () => getJson<Ticket>(this.joinAddress, { method: 'POST' }),
      playing: (state) => this.player === player && this.#become(state),
      event: (event) => this.hooks.event(event),
      over: () => this.hooks.over(),
      failed: () => {
        this.#failed.add(player.name)
        if (!this.#choose()) this.#failed.clear() // Nothing else is left: each gets another turn.
        if (this.player === player) this.#begin()
      },
    })
    this.player = player
    player.start()
  }

  #choose(): (new (...given: ConstructorParameters<typeof LivePlayer>) => Player) | null {
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
    if (before.kind !== state.kind || state.kind === 'reaching') this.hooks.changed(state)
  }
}
