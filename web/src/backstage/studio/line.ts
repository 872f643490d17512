/**
 * The line from this browser to the stage: one WebRTC connection, made again whenever it breaks.
 * Keeps the microphone open across reconnects, and the stage the place. The one owner of these retries.
 */

import { address, ApiError, call, headers } from '../api'
import { draw } from '../../speaking/browser'
import { say } from '../words.svelte'
import { askServers } from './servers'

export type LineState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Broken; the next try is at `retry_at_ms` (page clock). */
  | { kind: 'broken'; retry_at_ms: number; why: string }
  /** Refused for good: another try would be refused too. */
  | { kind: 'refused'; why: string; code: string }

export interface LineHooks {
  state(state: LineState): void
  /** What the others say: everyone but oneself. */
  returned(stream: MediaStream): void
}

const GATHERING_MS = 2000
const CONNECTING_MS = 10_000
const MOST_WAIT_MS = 8000
/** Packets that stay away may come again by themselves; another connection costs more of what is said. */
const HEALS_WITHIN_MS = 2000

export class Line {
  readonly #path: string
  /** What this page calls itself: whoever took the seat from another device or tab calls themselves something else. */
  readonly #page = draw()
  #came = false
  #stopped = new AbortController()
  #broke: (why: string) => void = () => {}
  #session: string | null = null
  #openSince_ms: number | null = null

  constructor(
    space: string,
    private microphone: MediaStream,
    private readonly hooks: LineHooks,
  ) {
    this.#path = `/spaces/${space}/stage`
  }

  /** How long the line has been open; 0 while it is not. */
  get open_ms(): number {
    return this.#openSince_ms === null ? 0 : performance.now() - this.#openSince_ms
  }

  /** What the connection counts; null while there is none. */
  async counted(): Promise<RTCStatsReport | null> {
    return (await this.#peer?.getStats()) ?? null
  }

  start(): void {
    addEventListener('pagehide', () => this.#leave(true), { signal: this.#stopped.signal })
    addEventListener('online', () => this.#broke(say('studio.line.why.network')), { signal: this.#stopped.signal })
    void this.#run()
  }

  /** Nobody is left on stage, however far the line had come: an answer that is still on its way is left too. */
  stop(): void {
    this.#stopped.abort()
    this.#broke('stopped')
    this.#leave(false)
  }

  /** The stage no longer knows us: do not wait until the browser notices. */
  lost(): void {
    this.#broke(say('studio.line.why.restarted'))
  }

  /** Speak through another microphone; the connection stays. */
  async change(microphone: MediaStream, peer = this.#peer): Promise<void> {
    this.microphone = microphone
    await peer?.getSenders()[0]?.replaceTrack(microphone.getAudioTracks()[0] ?? null)
  }

  #peer: RTCPeerConnection | null = null
  /** What broke, until another stands. */
  #former: RTCPeerConnection | null = null

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt += 1) {
      this.hooks.state({ kind: 'connecting' })
      let why: string
      try {
        await this.#connect()
        attempt = 0
        this.#came = true
        this.#openSince_ms = performance.now()
        this.hooks.state({ kind: 'open' })
        why = await this.#untilBroken()
      } catch (error) {
        if (!this.#stopped.signal.aborted && error instanceof ApiError && isFinal(error)) return this.#refuse(error)
        why = reason(error)
      }
      if (this.#stopped.signal.aborted) return this.#close()
      this.#setAside()
      await this.#wait(attempt, why)
    }
    this.#close()
  }

  async #connect(): Promise<void> {
    const stopped = this.#stopped.signal
    const iceServers = await askServers(this.#path)
    stopped.throwIfAborted()
    const peer = new RTCPeerConnection({ iceServers })
    this.#peer = peer
    const track = this.microphone.getAudioTracks()[0]
    if (!track) throw new Error(say('studio.line.why.microphone'))
    peer.addTransceiver(track, { direction: 'sendrecv', streams: [this.microphone] })
    peer.addEventListener('track', (event) => this.hooks.returned(event.streams[0] ?? new MediaStream([event.track])))
    await peer.setLocalDescription(await peer.createOffer())
    await gathered(peer, stopped)
    stopped.throwIfAborted()
    // Not aborted once sent: the stage may have taken us in already, and only the answer says how to leave.
    const answer = await call<{ session: string; sdp: string }>('POST', `${this.#path}/offer`, { sdp: peer.localDescription?.sdp, page: this.#page, again: this.#came })
    this.#session = answer.session
    stopped.throwIfAborted()
    await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
    await connected(peer, stopped)
    stopped.throwIfAborted()
    this.#former?.close()
    this.#former = null
  }

  #untilBroken(): Promise<string> {
    return new Promise((resolve) => {
      this.#broke = resolve
      const peer = this.#peer
      const lost = () => resolve(say('studio.line.why.lost'))
      let timer = 0
      peer?.addEventListener('connectionstatechange', () => {
        clearTimeout(timer)
        if (peer.connectionState === 'failed' || peer.connectionState === 'closed') lost()
        if (peer.connectionState === 'disconnected') timer = window.setTimeout(lost, HEALS_WITHIN_MS)
      })
    })
  }

  #wait(attempt: number, why: string): Promise<void> {
    const wait_ms = Math.min(MOST_WAIT_MS, 500 * 2 ** attempt) * (0.6 + 0.8 * Math.random())
    this.hooks.state({ kind: 'broken', retry_at_ms: performance.now() + wait_ms, why })
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait_ms)
      this.#stopped.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }

  #refuse({ message, code }: ApiError): void {
    this.#close()
    this.hooks.state({ kind: 'refused', why: message, code })
  }

  /**
   * The place on stage is not given up: the next offer takes the same one. So the connection is only put
   * aside until one stands again, for closing it would tell the stage that we left; tries between are closed.
   */
  #setAside(): void {
    this.#openSince_ms = null
    if (this.#former) this.#peer?.close()
    else this.#former = this.#peer
    this.#peer = null
  }

  #close(): void {
    this.#setAside()
    this.#former?.close()
    this.#former = null
    this.#leave(false)
  }

  #leave(keepalive: boolean): void {
    if (!this.#session) return
    const session = address(`${this.#path}/sessions/${this.#session}`)
    this.#session = null
    fetch(session, { method: 'DELETE', headers: headers(), keepalive }).catch(() => {})
  }
}

/** What went wrong, as part of a sentence. */
function reason(error: unknown): string {
  if (error instanceof ApiError && error.status === 0) return say('studio.line.why.backstage')
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}

/** Refusals that time does not heal: a broken offer, a dead link, a space that is over, a seat that one took from another device. */
const FINAL = new Set([
  'bad_request', 'bad_sdp', 'blocked', 'body_too_large', 'consent_needed', 'name_taken', 'not_allowed', 'off_stage', 'sign_in_needed', 'space_over', 'speaks_elsewhere', 'suspended',
  'taken_off', 'unknown_space', 'wrong_origin',
])

/** Decided by the code: a status says too little, a 409 may be a tape that is held for a moment. */
export function isFinal(error: ApiError): boolean {
  return FINAL.has(error.code)
}

/** One round of candidates is enough: the offer goes out whole. */
function gathered(peer: RTCPeerConnection, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => (peer.iceGatheringState === 'complete' || stopped.aborted) && resolve()
    peer.addEventListener('icegatheringstatechange', check)
    stopped.addEventListener('abort', check, { once: true })
    setTimeout(resolve, GATHERING_MS)
    check()
  })
}

function connected(peer: RTCPeerConnection, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (peer.connectionState === 'connected' || stopped.aborted) resolve()
      if (peer.connectionState === 'failed') reject(new Error(say('studio.line.why.no_way')))
    }
    peer.addEventListener('connectionstatechange', check)
    stopped.addEventListener('abort', check, { once: true })
    setTimeout(() => reject(new Error(say('studio.line.why.no_answer'))), CONNECTING_MS)
    check()
  })
}
