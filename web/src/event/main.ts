/**
 * The event page comes alive: it holds the facts, picks the scene, and keeps view, room and corner up to date.
 * While nobody hears anything here it asks the door; while somebody does, everything comes with the audio.
 *
 * `window.rostra` is for tests and the curious; its shape is `Probe`.
 */

import './event.css'
import { CATALOGUES } from 'virtual:words/event'
import { isGone, Watch, type Unreachable } from '../door/watch'
import { noticesFrom, rungOf, type RoomEvent } from '../player/events'
import { getJson } from '../player/http'
import type { Ticket } from '../player/player'
import { speak, t } from '../words/words'
import { byId, make, say } from './dom'
import type { Around, Happenings } from './happenings'
import { Floor, type Listener } from './floor'
import { isOnStage } from './elsewhere'
import { House } from './house'
import type { Answer, Line, LineHooks } from './line'
import { ListeningSession, type Listening, type ListeningHooks } from './listening'
import { showLive, tellPlaying, type Words } from './lockscreen'
import { Notices } from './notices'
import type { Traveller } from './onward'
import type { Probe } from './probe'
import { ANEW, PLACE, remembered, TICKET } from './remembered'
import { reservedFor } from './reserved'
import { sceneOf, type Scene } from './scene'
import { rungAbove } from './rungs'
import { announcer } from './sentences'
import { startsFrom } from './starts'
import { isOver } from './begun'
import type { Boot, Status } from './status'
import { announcementOf, pillOf, unreachable, viewOf, type Actions, type Facts, type View } from './views'

const REDRAW_MS = 500
/** A page is not loaded anew sooner, lest it be so again and again. */
const LEAST_MS = 30_000
/** As `event/place.ts` says that somebody stands in line with their place. */
const WAITS = '"waits":true'
/** Asked to stay on this page though its space has moved. */
const STAYS = new URLSearchParams(location.search).has('stay')

/** What the page of a space that moved leaves to the next. */
interface Inherited {
  audio: HTMLAudioElement
  /** Whether its visitor pressed to hear it. */
  hears: boolean
}

class EventPage implements Actions, Around, LineHooks, Listener, ListeningHooks, Traveller {
  readonly #path = location.pathname.replace(/\/$/, '')
  readonly #boot = JSON.parse(byId('boot').textContent ?? '') as Boot
  readonly #reserved = reservedFor(this.#boot.space)
  readonly #house = new House(this.#boot.host_verified)
  readonly #action = byId('action')
  readonly #pill = byId('pill')
  readonly #lost = make('p', { class: 'notice', hidden: true })
  readonly #session: ListeningSession
  readonly #watch: Watch<Status>
  readonly #floor = new Floor(this, this.#path, this.#boot)
  readonly announce = announcer()
  readonly #notices = new Notices(this.#boot.notices, this.announce)
  readonly #tellStart = startsFrom(this.#boot, this.announce)
  readonly #stand = rungAbove(this.#lost, this.announce)
  #status: Status = this.#boot
  /** The door's clock less the page's: the most that was told, for every answer has been on its way. */
  #ahead_ms = 0
  #listeners = 0
  #estimated = false
  #ending = false
  /** Whether the visitor wants to hear it, now or as soon as it begins. */
  #hears = false
  #onward = ''
  #redraw = 0
  /** Another page is about to stand, or stands, in its place. */
  #gone = false
  /** On stage in another tab, and not wanting to hear it here too. */
  #hushed = false
  #insists = false
  #unreachable: Unreachable | null = null
  /** Loaded when somebody has to wait. */
  #line: Line | null = null
  #face: (() => View) | null = null
  #scene: Scene | null = null
  #view: View | null = null
  #happenings: Happenings | null = null
  #happeningsAsked = false

  constructor(private readonly inherited?: Inherited) {
    this.#session = new ListeningSession(this, inherited?.audio)
    this.#watch = new Watch(
      `${this.#path}/status.json`,
      this.#status.poll_ms,
      {
        learned: (status) => this.#learn(status),
        unreachable: (unreachable) => (this.#unreachable = unreachable),
        waits: () => this.#session.state.kind === 'armed' || this.#line?.shown != null,
        most_ms: () => this.#line?.most_ms ?? null,
        gone: () => this.#loadAnew(this.isListening),
      },
    )
  }

  get audio(): HTMLAudioElement {
    return this.#session.audio
  }

  get playerLink(): string {
    return this.#boot.urls.m3u
  }

  get probe(): Probe {
    const page = this
    const session = this.#session
    return {
      get scene() { return page.#scene ?? 'scheduled' },
      get state() { return session.state.kind },
      get player() { return session.player?.name ?? '' },
      get rendition() { return session.player?.rendition ?? '' },
      get latency_s() { return session.player?.latency_s ?? 0 },
      get stalls() { return session.player?.stalls ?? 0 },
      get rejoins() { return session.player?.rejoins ?? 0 },
      get hushed() { return page.#hushed },
      get received() { return session.received.bytes },
      get first_audio_ms() { return session.firstAudio_ms },
      get status() { return page.#status },
    }
  }

  open(): void {
    this.#action.after(this.#lost)
    this.#learn(this.#status)
    this.#watch.start()
    this.#redraw = window.setInterval(() => this.draw(), REDRAW_MS)
    document.documentElement.dataset['ready'] = ''
    this.#offerSheets()
    if (isOver(this.#status.state)) return
    this.#session.prepare()
    if (this.#kept.includes(WAITS) || this.inherited?.hears || this.#held() === ANEW) this.press()
  }

  press(): void {
    this.#hears = true
    document.getElementById('elsewhere')?.remove()
    if (this.#status.state === 'live') return this.#listen()
    this.#session.arm()
    this.#enter()
  }

  #enter(): void {
    this.#openLine().then((line) => this.#session.state.kind === 'armed' && line.enter()).catch(() => {}) // with the next news
  }

  unblock(): void {
    this.#session.unblock()
  }

  stop(): void {
    this.#held(null)
    this.#hears = false
    this.#line?.leave(true)
    this.#quiet()
  }

  #quiet(): void {
    this.#session.stop()
    this.#line?.leave()
    this.#house.speaking([])
    this.#watch.start()
    this.ask()
  }

  next(poll_ms: number): void {
    this.#watch.next(poll_ms)
  }

  ask(): Promise<Status | void> {
    return this.#watch.ask().catch(() => {})
  }

  /** They are a listener again, as if they had pressed. */
  resume(): void {
    if (!isOver(this.#status.state)) this.press()
  }

  save(saving: boolean): void {
    this.#session.save(saving)
  }

  hearAnyway(): void {
    this.#insists = true
    this.draw()
  }

  share(): void {
    const { title } = this.#status
    const url = this.#boot.urls.event
    if (navigator.share) return void navigator.share({ title, url }).catch(() => {})
    void import('./share').then(({ openSheet }) => openSheet(url, this.lockScreen.artwork)).catch(() => this.missed())
  }

  /** A ticket, at once or when it is one's turn; first the one of before this page was loaded anew, as long as it holds. */
  async join(): Promise<Ticket> {
    let answer = JSON.parse((!this.#session.ticket && !this.#kept.includes(WAITS) && this.#held()) || ANEW) as Answer | null
    if (!answer && !this.#line && !this.#kept) {
      const body = JSON.stringify({ reserved: this.#reserved })
      answer = await getJson<Answer>(`${this.#path}/join`, { method: 'POST', body }).catch((error: unknown) => {
        if (isGone(error)) this.#loadAnew(true)
        throw error
      })
    }
    let ticket = answer as Ticket
    if (this.#kept || answer?.admitted !== true) {
      this.#watch.start()
      ticket = await (await this.#openLine()).join(answer)
      this.#watch.stop()
      this.#unreachable = null
    }
    this.#held(JSON.stringify(ticket))
    return ticket
  }

  /**
   * The door's page says why, or brings another pass. `shutOut`: whoever heard something is not let in any more. What was
   * not reached, or is too early, is asked for with the next refusal.
   */
  #loadAnew(shutOut: boolean): void {
    import('./anew').then(({ loadAnew }) => loadAnew(this.#status, this.audio, shutOut)).catch(() => {})
  }

  /**
   * Browsers keep it when a part could not be loaded (HTML, "module map"), and after an update the door has it no more: the
   * page itself is loaded anew, once the door answers. Not while something sounds or is being written, and under no speaker.
   */
  async missed(): Promise<void> {
    if (performance.now() < LEAST_MS || !this.audio.paused || this.#floor.opened || document.querySelector('dialog')) return
    try {
      await this.#watch.ask()
    } catch {
      return
    }
    if (this.#hears) this.#held(this.#held() ?? ANEW)
    this.#gone = true
    location.reload()
  }

  async #openLine(): Promise<Line> {
    if (!this.#line) {
      try {
        const { openLine, faceOf } = await import('./here-view')
        const opened = await openLine(this.#path, this.#status, this)
        const line = (this.#line ??= opened)
        this.#face = () => faceOf(line, this)
      } catch (error) {
        void this.missed()
        throw error
      }
    }
    this.#line.learn(this.#status)
    return this.#line
  }

  /** The ticket that this tab came in with: the edge lets them in again, past a full door. */
  #held(ticket?: string | null): string | null {
    return remembered(TICKET + this.#status.space, ticket, 'session')
  }

  /** What this browser keeps of a place in line; empty where there is none. */
  get #kept(): string {
    return remembered(PLACE + this.#status.space) ?? ''
  }

  /** Another tab came in with the place of this one: whether there was anything to leave. */
  quit(): boolean {
    const was = this.#session.state.kind !== 'off'
    if (was) {
      this.#hears = false
      this.#quiet()
    }
    return was
  }

  #listen(): void {
    this.#hear()
    this.#session.listen()
    showLive(this.lockScreen, () => this.#session.state.kind === 'off' && this.press(), () => this.stop())
  }

  /** With the audio comes all else. */
  #hear(): void {
    if (!this.#line?.stands) this.#watch.stop()
    this.#unreachable = null
  }

  /** Take a status as true, and let the page follow it. */
  #learn(status: Status): void {
    if (this.#gone) return
    const isArmed = this.#session.state.kind === 'armed'
    const isLive = status.state === 'live'
    if (!isLive && this.isListening) return void this.#hearOut(status)
    const over = isOver(status.state)
    if (over && !isOver(this.#status.state)) this.#keepRoom()
    this.#status = status
    this.#ahead_ms = Math.max(this.#ahead_ms, status.now - performance.now())
    this.#line?.learn(status)
    if (status.moved && !isOver(status.state)) this.#goAlong(status.moved.space)
    if (isLive && isArmed) this.#listen()
    if (over && isArmed) {
      this.#session.stop()
      this.#line?.leave()
    } else if (isArmed && !isLive && !this.#line) this.#enter()
    byId('m3u').hidden = over
    byId('remind').hidden = over || isLive
    for (const policy of document.querySelectorAll<HTMLElement>('#policy')) policy.hidden = over
    this.#notices.show(status.notices)
    this.#floor.show(status)
    this.#stand(over ? '' : (status.room?.rung ?? ''))
    this.#tellStart(status)
    say(byId('title'), status.title)
    if (over) this.#house.cast()
    else if (!this.isListening || this.#line?.shown) this.#picture(status)
    this.draw()
    this.#tellHappenings()
  }

  /** A recording takes less room than what was live: nothing below moves up. */
  #keepRoom(): void {
    const bill = byId('bill')
    bill.style.minBlockSize = `${bill.offsetHeight}px`
  }

  /** It is over: the page turns when the last words in hand have been heard. */
  async #hearOut(status: Status): Promise<void> {
    if (this.#ending) return
    this.#ending = true
    await this.#session.finish()
    this.#ending = false
    if (this.#gone) return // the page has turned meanwhile, and its sound is another's
    this.#keepRoom()
    this.#status = status // so that nothing live is offered once more
    this.#quiet()
    this.#learn(status)
    if (status.moved) this.#goAlong(status.moved.space)
  }

  /** It goes on elsewhere: go along, without a press. The way there is loaded when somebody has to go. */
  #goAlong(space: string): void {
    if (this.#onward || STAYS) return
    this.#onward = `/s/${space}`
    import('./onward').then(({ goAlong }) => goAlong(this.#onward, this)).catch(() => {
      this.#onward = '' // with the next news
      void this.missed()
    })
  }

  /** Become the page of another space; whoever listens goes on listening. */
  turnOver(put: () => void): void {
    this.#watch.stop()
    clearInterval(this.#redraw)
    this.#gone = true
    this.#line?.leave()
    this.#floor.leave()
    put()
    begin({ audio: this.#session.handOver(), hears: this.#hears })
  }

  get ticket(): string {
    return (this.#hears && !this.#line?.stands && this.#session.ticket?.ticket) || ''
  }

  get isListening(): boolean {
    return this.#session.state.kind !== 'off' && this.#session.state.kind !== 'armed'
  }

  /** What is loaded when somebody wants it; once it is over there is nothing to be reminded of. */
  #offerSheets(): void {
    byId('report').onclick = () => {
      import('../report/report')
        .then(({ openReport }) => openReport({
          address: this.#boot.urls.report, status: this.#status, notices: this.#notices.notices, everyone: this.#house.everyone, audio: this.audio, player: this.#session.player,
        }))
        .catch(() => this.missed())
    }
    byId('remind').onclick = () => {
      import('../remind/remind').then(({ openReminder }) => openReminder({ ...this.#boot.urls, space: this.#boot.space })).catch(() => this.missed())
    }
  }

  /** Draw the room from a status; while somebody listens, events do. */
  #picture(status: Status): void {
    this.#listeners = status.listeners
    this.#estimated = status.estimated
    this.#house.listeners(status.listeners)
    if (status.speakers.length) this.#house.people(status.speakers)
    this.#house.speaking(status.speakers.filter((person) => person.speaking).map((person) => person.id))
  }

  changed({ kind }: Listening): void {
    if (kind === 'off' || this.#status.state === 'live') tellPlaying(kind !== 'off')
    if (kind === 'playing' && this.#scene !== kind) this.#hear()
    if (kind === 'reaching') {
      this.#house.speaking([]) // who speaks is not known until sound comes again
      this.#watch.start() // nor why none comes
    }
    this.draw()
  }

  event(event: RoomEvent): void {
    if (event.listeners !== undefined) {
      this.#listeners = event.listeners
      this.#estimated = event.estimated ?? false
    }
    this.#house.event(event)
    this.#happenings?.event(event)
    this.#stand(rungOf(event))
    if (event.notice) this.#notices.heard({ ...event.notice, at: event.notice.at_ms })
    this.#notices.stand(noticesFrom(event), this.#status.anchor_utc_ns! / 1e6 + event.at / 48)
    if (event.moved) this.#goAlong(event.moved)
  }

  /** Captions, reactions and the like: loaded once there may be some. */
  #tellHappenings(): void {
    const { state, replay, pinned } = this.#status
    const { kind } = this.#session.state
    if (this.#happenings) return this.#happenings.status(this.#status, this.#scene !== 'waiting' && this.isListening, kind === 'playing')
    if (this.#happeningsAsked || !(state === 'live' || replay || pinned)) return
    this.#happeningsAsked = true
    import('./happenings')
      .then(({ Happenings }) => {
        this.#happenings = new Happenings(this)
        this.#tellHappenings()
      })
      .catch(() => (this.#happeningsAsked = false)) // with the next news
  }

  react(kind: string): void {
    const ticket = this.#session.ticket?.ticket
    if (ticket) void fetch(`${this.#path}/react`, { method: 'POST', body: JSON.stringify({ ticket, kind }) }).catch(() => {})
  }

  over(): Promise<boolean> {
    return this.#watch.ask().then(({ state }) => state !== 'live', () => false)
  }

  /** What is said on stage would come back a second later. */
  #hush(): void {
    const onStage = isOnStage()
    this.#insists &&= onStage
    const hushed = onStage && !this.#insists && this.#status.state === 'live' && this.#session.state.kind !== 'off'
    if (hushed && !this.#hushed) this.announce(t('event.on_stage'))
    if (hushed !== this.#hushed) this.audio.muted = this.#hushed = hushed
  }

  draw(): void {
    if (this.#gone) return
    this.#hush()
    const facts: Facts = {
      status: this.#status,
      now_ms: performance.now() + this.#ahead_ms,
      listening: this.#session.state,
      listeners: this.#listeners,
      estimated: this.#estimated,
      hushed: this.#hushed,
      latency_s: this.#session.player?.latency_s ?? 0,
      received_bytes: this.#session.received.bytes,
      hourly_bytes: this.#session.hourly_bytes,
      canSave: this.#session.player?.canSave ?? false,
      retry_at_ms: this.#unreachable?.retry_at_ms ?? this.#line?.retryAt_ms ?? null,
      locked: this.#session.locked || this.#session.state.kind === 'blocked',
    }
    const scene = sceneOf(facts.status.state, facts.listening.kind, this.#line?.shown != null)
    if (scene !== this.#scene) this.#turnTo(scene)
    this.#view?.update(facts)
    if (this.#pill.classList.toggle('on', facts.status.state === 'live')) this.#house.name()
    say(byId('corner'), pillOf(facts))
    this.#drawLost()
  }

  #turnTo(scene: Scene): void {
    const before = this.#scene
    this.#scene = scene
    if ((before === 'starting' || before === 'waiting') && scene === 'playing') {
      this.#tellHappenings()
      return this.announce(announcementOf(scene, this.#status))
    }
    const hadFocus = this.#action.contains(document.activeElement)
    if (before === 'published' || before === 'held') this.#session.stop() // no recording plays on without its controls
    this.#view = scene === 'waiting' ? this.#face!() : viewOf(scene, this, this.#status)
    this.#action.replaceChildren(...this.#view.nodes)
    if (before) this.announce(announcementOf(scene, this.#status))
    this.#tellHappenings()
    document.body.dataset['state'] = this.#status.state
    if (!hadFocus) return
    const find = (what: string) => this.#action.querySelector<HTMLElement>(what)
    // Once the view has hidden what is not to be pressed.
    void Promise.resolve(this.#view.whole).then(() => (find('button:not([hidden],.plain)') ?? find('.said') ?? find('button'))?.focus())
  }

  get lockScreen(): Words {
    const { title, speakers, host } = this.#status
    const names = speakers.length ? speakers.map((person) => person.name) : [host || t('event.former_member')]
    return { title, names, artwork: `${this.#path}/card.png?lang=${document.documentElement.lang}` }
  }

  /** While nobody listens here and the door is not reached: say so, and when the next try is. */
  #drawLost(): void {
    const told = this.#scene === 'waiting' || this.#scene === 'reaching' // by its face
    const lost = !told && (this.#unreachable !== null || !navigator.onLine)
    if (lost && this.#lost.hidden) this.announce(announcementOf('reaching', this.#status))
    if (!lost && !this.#lost.hidden && !told) this.announce(t('event.reached'))
    this.#lost.hidden = !lost
    if (lost) say(this.#lost, unreachable(this.#unreachable?.retry_at_ms ?? 0))
  }
}

function begin(inherited?: Inherited): void {
  const page = new EventPage(inherited)
  window.rostra = page.probe
  page.open()
}

// No top-level await: late parts import from this file while it begins, which Safari gets wrong (WebKit bug 242740).
void speak(CATALOGUES).then(() => begin())
