/**
 * The recording: play, seek, a quarter of a minute back or on, faster; all by keyboard too, and on the lock
 * screen. Loaded where there is one, with its own words.
 */

import './look/replay.css'
import { CATALOGUES } from 'virtual:words/replay'
import { locale, speak, t } from '../words/words'
import { drawn, fill, icon, make, say } from './dom'
import { act, show } from './lockscreen'
import { clock } from './moments'
import { spokenClock } from './spoken'
import { reasonOf, type Status } from './status'
import { shareButton, type Actions, type Facts, type View } from './views'

const SKIP_S = 15
const PAUSE = 'M5 3.5h5v17H5zM14 3.5h5v17h-5z'
const RATES = [0.75, 1, 1.25, 1.5, 2]

/** Its controls, in the page's language; they keep themselves up to date. Rejects when the words are not reached. */
export async function openReplay(actions: Actions, status: Status): Promise<View> {
  await speak(CATALOGUES)
  return new Replay(actions, status)
}

/** Say in `line` why it ended. Rejects when the words are not reached. */
export async function tellWhy(line: Element, reason: string): Promise<void> {
  await speak(CATALOGUES)
  say(line, reasonOf(reason))
}

class Replay implements View {
  readonly nodes: Node[]
  readonly #audio: HTMLAudioElement
  readonly #length_s: number
  readonly #seek: HTMLInputElement
  readonly #at = make('span')
  readonly #play: HTMLButtonElement
  readonly #note = make('p', { class: 'notice', role: 'alert', hidden: true })
  readonly #download = make('a', { download: true }, t('event.replay.download'))
  /** Where the recording is: a visitor's own address holds for a while only, and every answer of the door brings another. */
  #mp4 = ''
  #dragging = false
  #place_s = 0

  constructor(actions: Actions, status: Status) {
    this.#audio = actions.audio
    this.#length_s = status.replay?.seconds ?? 0
    this.#seek = this.#makeSeek()
    this.#play = make('button', { class: 'round solid', type: 'button', 'data-testid': 'play', onclick: () => this.#toggle() })
    const skip = (by_s: number, words: string) =>
      make('button', { class: 'round', type: 'button', 'aria-label': words, dir: 'ltr', onclick: () => this.#go(this.#audio.currentTime + by_s) },
        `${by_s > 0 ? '+' : '−'}${SKIP_S}`)
    this.nodes = [
      make('div', { class: 'deck' }, this.#play, skip(-SKIP_S, t('event.replay.back')), skip(SKIP_S, t('event.replay.forward')), this.#rates(), shareButton(actions)),
      make('div', { class: 'seek' }, this.#at, this.#seek, make('span', {}, clock(this.#length_s))),
      this.#note,
      ...(status.reason ? [make('p', { class: 'notice' }, reasonOf(status.reason))] : []),
      make('p', { class: 'soft small' }, t(status.state === 'held' ? 'event.held_preview' : 'event.replay.unedited'), ' ', this.#download),
    ]
    this.#learn(status)
    this.#load()
    this.#showOnLockScreen(actions)
    this.#draw()
  }

  update({ status }: Facts): void {
    this.#learn(status)
  }

  #learn({ replay }: Status): void {
    if (!replay || replay.mp4 === this.#mp4) return
    this.#mp4 = replay.mp4
    this.#download.href = `${replay.mp4}?download`
  }

  #draw(): void {
    const { currentTime, error } = this.#audio
    const paused = this.#audio.paused || error !== null
    say(this.#at, clock(this.#dragging ? this.#seek.valueAsNumber : currentTime))
    if (!this.#dragging) this.#seek.value = String(currentTime)
    fill(this.#seek)
    this.#seek.setAttribute('aria-valuetext', t('event.replay.place_of', { at: spokenClock(currentTime, locale), length: spokenClock(this.#length_s, locale) }))
    const words = t(paused ? 'event.replay.play' : 'event.replay.pause')
    if (this.#play.ariaLabel === words) return
    this.#play.ariaLabel = words
    this.#play.replaceChildren(paused ? icon('play') : drawn(PAUSE))
  }

  #load(): void {
    const audio = this.#audio
    audio.dataset['testid'] = 'replay'
    audio.preload = 'metadata'
    audio.volume = 1 // no slider here undoes what was set while it was live
    audio.src = this.#mp4
    for (const name of ['timeupdate', 'play', 'pause', 'seeked', 'ended']) audio.addEventListener(name, () => this.#draw())
    audio.addEventListener('error', () => this.#failed())
    audio.addEventListener('playing', () => (this.#note.hidden = true))
  }

  /** Its place and length stand there, and can be moved in. */
  #showOnLockScreen({ lockScreen }: Actions): void {
    const audio = this.#audio
    const media = show(lockScreen)
    if (!media) return
    act(media, {
      play: () => void audio.play().catch(() => {}), // a failure arrives as the element's error event
      pause: () => audio.pause(),
      stop: null,
      seekto: ({ seekTime }) => this.#go(seekTime ?? audio.currentTime),
      seekbackward: ({ seekOffset }) => this.#go(audio.currentTime - (seekOffset ?? SKIP_S)),
      seekforward: ({ seekOffset }) => this.#go(audio.currentTime + (seekOffset ?? SKIP_S)),
    })
    for (const name of ['loadedmetadata', 'play', 'pause', 'seeked', 'ratechange']) {
      audio.addEventListener(name, () => tellPlace(media, audio))
    }
  }

  #failed(): void {
    this.#place_s = this.#audio.currentTime || this.#place_s
    this.#note.textContent = t('event.replay.failed')
    this.#note.hidden = false
    this.#draw()
  }

  /** Load again after a failure, from where it is now, and go on where it broke off, as fast. */
  #reload(): void {
    const audio = this.#audio
    audio.src = this.#mp4
    audio.addEventListener('loadedmetadata', () => (audio.currentTime = this.#place_s), { once: true })
  }

  #makeSeek(): HTMLInputElement {
    const seek = make('input', {
      type: 'range', min: 0, max: this.#length_s, step: 1, value: 0, 'aria-label': t('event.replay.place'), 'data-testid': 'seek',
      oninput: () => {
        this.#dragging = true
        this.#draw()
      },
      onchange: () => {
        this.#dragging = false
        this.#go(seek.valueAsNumber)
      },
    })
    return seek
  }

  #rates(): HTMLSelectElement {
    const select = make('select', { class: 'rate', dir: 'ltr', 'aria-label': t('event.replay.speed'), onchange: () => this.#hasten(Number(select.value)) },
      ...RATES.map((rate) => make('option', { value: rate, selected: rate === 1 }, `${rate.toLocaleString(locale)}×`)))
    return select
  }

  /** Now, and whatever is loaded from here on. */
  #hasten(rate: number): void {
    Object.assign(this.#audio, { playbackRate: rate, defaultPlaybackRate: rate })
  }

  #toggle(): void {
    if (!this.#audio.paused && !this.#audio.error) return this.#audio.pause()
    if (this.#audio.error) this.#reload()
    this.#audio.play().catch(() => {}) // a failure arrives as the element's error event
  }

  #go(to_s: number): void {
    this.#audio.currentTime = Math.min(Math.max(0, to_s), this.#length_s)
    this.#draw()
  }
}

function tellPlace(media: MediaSession, audio: HTMLAudioElement): void {
  media.playbackState = audio.paused ? 'paused' : 'playing'
  const { duration, currentTime, playbackRate } = audio
  if (!Number.isFinite(duration)) return
  media.setPositionState({ duration, playbackRate, position: Math.min(currentTime, duration) })
}
