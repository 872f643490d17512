/**
 * The event page comes alive: it holds the facts, picks the scene, and keeps view, room and corner up to date.
 * While nobody listens here it asks the door; while somebody does, everything comes with the audio.
 *
 * `window.rostra` is for tests and the curious; its shape is `Probe` below.
 */

import './event.css'
import type { RoomEvent } from '../player/events'
import { byId, make, say } from './dom'
import { House } from './house'
import { ListeningSession, type Listening } from './listening'
import { showOnLockScreen } from './lockscreen'
import { viewersTime, viewersZone } from './moments'
import { sceneOf, type Scene } from './scene'
import type { Status } from './status'
import { pillOf, unreachable, viewOf, type Actions, type Facts, type View } from './views'
import { Watch, type Unreachable } from './watch'

interface Probe {
  readonly scene: Scene
  /** What the listener hears or waits for: `off`, `armed`, `starting`, `playing`, `blocked`, `reaching`, `unplayable`. */
  readonly state: Listening['kind']
  readonly player: string
  readonly rendition: string
  /** Behind the sample clock, in seconds. */
  readonly latency_s: number
  readonly stalls: number
  /** How often the player joined again. */
  readonly rejoins: number
  /** From the press to sound; null before. */
  readonly first_audio_ms: number | null
  readonly status: Status
}

declare global {
  interface Window {
    rostra: Probe
  }
}

const REDRAW_MS = 500

class EventPage implements Actions {
  readonly #path = location.pathname.replace(/\/$/, '')
  readonly #house = new House()
  readonly #action = byId('action')
  readonly #pill = byId('pill')
  readonly #lost = make('p', { class: 'notice', role: 'status', hidden: true })
  readonly #session: ListeningSession
  readonly #watch: Watch
  #status: Status
  #listeners = 0
  #unreachable: Unreachable | null = null
  #scene: Scene | null = null
  #view: View | null = null

  constructor() {
    this.#status = JSON.parse(byId('boot').textContent ?? '') as Status
    this.#session = new ListeningSession(`${this.#path}/join`, {
      changed: (state) => this.#changed(state),
      event: (event) => this.#heard(event),
      over: () => this.#isOver(),
    })
    this.#watch = new Watch(
      `${this.#path}/status.json`,
      this.#status,
      (status) => this.#learn(status),
      (unreachable) => (this.#unreachable = unreachable),
    )
  }

  get audio(): HTMLAudioElement {
    return this.#session.audio
  }

  get playerLink(): string {
    return `${this.#path}/listen.m3u`
  }

  get probe(): Probe {
    const session = this.#session
    const scene = () => this.#scene ?? 'scheduled'
    const status = () => this.#status
    return {
      get scene() { return scene() },
      get state() { return session.state.kind },
      get player() { return session.player?.name ?? '' },
      get rendition() { return session.player?.rendition ?? '' },
      get latency_s() { return session.player?.latency_s ?? 0 },
      get stalls() { return session.player?.stalls ?? 0 },
      get rejoins() { return session.player?.rejoins ?? 0 },
      get first_audio_ms() { return session.firstAudio_ms },
      get status() { return status() },
    }
  }

  open(): void {
    this.#action.after(this.#lost)
    this.#learn(this.#status)
    this.#watch.start()
    this.#showZones()
    setInterval(() => this.#draw(), REDRAW_MS)
    document.documentElement.dataset['ready'] = ''
  }

  press(): void {
    if (this.#status.state === 'live') this.#listen()
    else this.#session.arm()
  }

  unblock(): void {
    this.#session.unblock()
  }

  stop(): void {
    this.#session.stop()
    this.#house.speaking([])
    this.#watch.start()
    this.#watch.ask().catch(() => {})
  }

  share(): void {
    const { title } = this.#status
    const url = location.href.split('#')[0] ?? ''
    if (navigator.share) return void navigator.share({ title, url }).catch(() => {})
    navigator.clipboard?.writeText(url).then(() => this.#tell('The link is in your clipboard.'), () => this.#tell(url))
  }

  #listen(): void {
    this.#watch.stop()
    this.#unreachable = null
    this.#session.listen()
    this.#showOnLockScreen()
  }

  /** Take a status as true, and let the page follow it. */
  #learn(status: Status): void {
    this.#status = status
    const listening = this.#session.state.kind
    const isLive = status.state === 'live'
    if (isLive && listening === 'armed') this.#listen()
    if (!isLive && listening !== 'off' && listening !== 'armed') this.stop()
    const isOver = status.state === 'ended' || status.state === 'published' || status.state === 'cancelled'
    if (isOver && listening === 'armed') this.#session.stop()
    byId('m3u').hidden = isOver
    if (isOver) this.#house.cast()
    else if (this.#session.state.kind === 'off' || this.#session.state.kind === 'armed') this.#picture(status)
    this.#draw()
  }

  /** Draw the room from a status; while somebody listens, events do. */
  #picture(status: Status): void {
    this.#listeners = status.listeners
    this.#house.listeners(status.listeners)
    if (status.speakers.length) this.#house.people(status.speakers)
    this.#house.speaking(status.speakers.filter((person) => person.speaking).map((person) => person.id))
  }

  #changed(state: Listening): void {
    if (state.kind === 'reaching') this.#house.speaking([]) // who speaks is not known until sound comes again
    this.#draw()
  }

  #heard(event: RoomEvent): void {
    this.#listeners = event.listeners ?? this.#listeners
    this.#house.event(event)
  }

  async #isOver(): Promise<boolean> {
    try {
      return (await this.#watch.ask()).state !== 'live'
    } catch {
      return false
    }
  }

  #draw(): void {
    const facts: Facts = {
      status: this.#status,
      listening: this.#session.state,
      listeners: this.#listeners,
      latency_s: this.#session.player?.latency_s ?? 0,
    }
    const scene = sceneOf(facts.status.state, facts.listening.kind)
    if (scene !== this.#scene) this.#turnTo(scene)
    this.#view?.update(facts)
    this.#pill.classList.toggle('on', facts.status.state === 'live')
    say(this.#pill, pillOf(scene, facts))
    this.#lost.hidden = this.#unreachable === null
    if (this.#unreachable) say(this.#lost, unreachable(this.#unreachable.retry_at_ms))
  }

  #turnTo(scene: Scene): void {
    const sharesView = this.#scene === 'starting' && scene === 'playing'
    this.#scene = scene
    if (sharesView) return
    const hadFocus = this.#action.contains(document.activeElement)
    this.#view = viewOf(scene, this, this.#status)
    this.#action.replaceChildren(...this.#view.nodes)
    document.body.dataset['state'] = this.#status.state
    if (scene === 'published') this.#showOnLockScreen()
    if (hadFocus) this.#action.querySelector('button')?.focus()
  }

  #showOnLockScreen(): void {
    const names = this.#status.speakers.map((person) => person.name)
    const keys = this.#status.state === 'live' ? { play: () => this.press(), stop: () => this.stop() } : null
    showOnLockScreen(this.#status.title, names.length ? names : [this.#status.host], `${this.#path}/card.png`, keys)
  }

  /** The viewer's time first, the host's beside it when it differs. */
  #showZones(): void {
    const hosts = byId('starts').textContent ?? ''
    const zones = byId('zones')
    say(byId('starts'), viewersTime(this.#status.starts_at))
    const mine = viewersZone()
    const theirs = zones.textContent?.split('/').pop() ?? ''
    say(zones, mine === theirs ? mine : `${mine}, your time · ${hosts} in ${theirs}`)
  }

  #tell(sentence: string): void {
    const note = make('p', { class: 'small soft', role: 'status' }, sentence)
    this.#action.append(note)
    setTimeout(() => note.remove(), 6000)
  }
}

const page = new EventPage()
window.rostra = page.probe
page.open()
