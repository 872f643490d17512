/** The faces of the page: what stands under the title in each scene. Each view is drawn once and then kept up to date. */

import { fill, icon, make, say, type Shape } from './dom'
import { clock, until } from './moments'
import { Replay } from './replay'
import type { Scene } from './scene'
import type { Listening } from './listening'
import type { Status } from './status'

/** What the views may ask for. */
export interface Actions {
  press(): void
  unblock(): void
  stop(): void
  share(): void
  readonly audio: HTMLAudioElement
  readonly playerLink: string
}

export interface Facts {
  status: Status
  listening: Listening
  listeners: number
  latency_s: number
}

export interface View {
  nodes: Node[]
  update(facts: Facts): void
}

const still = (...nodes: Node[]): View => ({ nodes, update: () => {} })
const said = (text: string) => make('p', { class: 'said' }, text)
const soft = (text = '') => make('p', { class: 'soft' }, text)

function bigButton(words: string, shape: Shape, press: () => void): HTMLButtonElement {
  return make('button', { class: 'button big', type: 'button', 'data-testid': 'listen', onclick: press }, icon(shape), words)
}

/** Round and without words: it stands beside controls that matter more. */
export function shareButton(actions: Actions): HTMLButtonElement {
  return make('button', { class: 'round', type: 'button', 'aria-label': 'Share', title: 'Share', onclick: () => actions.share() }, icon('share'))
}

/** The view of a scene. */
export function viewOf(scene: Scene, actions: Actions, status: Status): View {
  switch (scene) {
    case 'scheduled':
      return scheduled(actions)
    case 'late':
      return still(
        said('Not started yet. The host is not here; it begins by itself on this page when they come.'),
        bigButton('Listen when it starts', 'play', () => actions.press()),
      )
    case 'lobby':
      return still(said('Starting in a moment.'), bigButton('Listen when it starts', 'play', () => actions.press()))
    case 'armed':
      return armed()
    case 'invite':
      return invite(actions)
    case 'starting':
    case 'playing':
      return deck(actions)
    case 'blocked':
      return still(bigButton('Tap to hear', 'sound', () => actions.unblock()), soft('Your browser asks for one more press before it lets sound out.'))
    case 'reaching':
      return reaching(actions)
    case 'unplayable':
      return unplayable(actions)
    case 'ended':
      return still(said('It has ended. The recording is being prepared and appears here by itself.'))
    case 'published':
      return new Replay(actions, status)
    case 'cancelled':
      return still(said('This conversation was cancelled.'))
  }
}

function scheduled(actions: Actions): View {
  const counter = make('div', { class: 'countdown', role: 'timer', 'aria-label': 'Until the start' })
  return {
    nodes: [counter, bigButton('Listen when it starts', 'play', () => actions.press())],
    update({ status }) {
      const parts = until(status.starts_at - Date.now()) ?? []
      const words = parts.length ? parts : [[0, 'sec'] as [number, string]]
      if (counter.childElementCount !== words.length) {
        counter.replaceChildren(...words.map(() => make('div', {}, make('b'), make('span'))))
      }
      words.forEach(([count, unit], i) => {
        const [number, label] = Array.from(counter.children[i]?.children ?? [])
        if (number && label) {
          say(number, String(count))
          say(label, unit)
        }
      })
    },
  }
}

function armed(): View {
  const words = said('')
  return {
    nodes: [words, soft('Leave this page open: the sound comes by itself.')],
    update({ status }) {
      const parts = until(status.starts_at - Date.now())
      const left = parts && status.state === 'scheduled' ? ` In ${parts.map(([n, unit]) => `${n} ${unit}`).join(' ')}.` : ''
      say(words, `You will hear it as soon as it starts.${left}`)
    },
  }
}

function invite(actions: Actions): View {
  const count = soft()
  return {
    nodes: [bigButton('Listen', 'play', () => actions.press()), count],
    update: ({ listeners }) => say(count, listeners > 0 ? `${audience(listeners)}. No account, no app.` : 'No account, no app.'),
  }
}

/** Starting and playing share one view, so that what has the focus keeps it. */
function deck(actions: Actions): View {
  const words = make('p', { class: 'said', role: 'status' })
  const small = make('p', { class: 'soft small' })
  const count = make('span', { 'data-testid': 'listeners' })
  const behind = make('span')
  small.append(count, behind)
  const stop = make('button', { class: 'round solid', type: 'button', 'aria-label': 'Stop listening', onclick: () => actions.stop() }, icon('stop'))
  return {
    nodes: [make('div', { class: 'deck' }, stop, volume(actions.audio), shareButton(actions)), words, small],
    update({ listening, listeners, latency_s }) {
      const playing = listening.kind === 'playing'
      say(words, playing ? 'You are listening, live.' : 'One moment …')
      say(count, listeners > 0 ? audience(listeners) : '')
      const known = playing && latency_s > 0 && latency_s < 120
      say(behind, known ? `${listeners > 0 ? ' · ' : ''}you are ${latency_s.toFixed(1)} s behind` : '')
    },
  }
}

/** A volume slider, where the page may set the volume (an iPhone's may only be set by its keys). */
function volume(audio: HTMLAudioElement): HTMLElement | null {
  const before = audio.volume
  audio.volume = 0.5
  const settable = audio.volume === 0.5
  audio.volume = before
  if (!settable) return null
  const slider = make('input', {
    type: 'range', min: 0, max: 1, step: 0.01, value: audio.volume, 'aria-label': 'Volume',
    oninput: () => {
      audio.volume = slider.valueAsNumber
      fill(slider)
    },
  })
  fill(slider)
  return make('div', { class: 'volume' }, icon('sound'), slider)
}

function reaching(actions: Actions): View {
  const words = make('p', { class: 'notice', role: 'status' })
  return {
    nodes: [words, make('div', { class: 'deck' },
      make('button', { class: 'button plain', type: 'button', onclick: () => actions.stop() }, icon('stop'), 'Stop trying'))],
    update({ listening }) {
      if (listening.kind === 'reaching') say(words, unreachable(listening.retry_at_ms))
    },
  }
}

function unplayable(actions: Actions): View {
  return still(
    said('This browser cannot play the sound of this page.'),
    make('a', { class: 'button big', href: actions.playerLink }, icon('play'), 'Open in another player'),
    soft('A newer browser works too.'),
  )
}

/** The sentence for a room that does not answer. */
export function unreachable(retry_at_ms: number): string {
  const seconds = Math.ceil((retry_at_ms - performance.now()) / 1000)
  const next = seconds > 0 ? `next try in ${seconds} s` : 'trying now'
  return `We cannot reach the room; we keep trying (${next}). Nothing to press.`
}

export function audience(listeners: number): string {
  return `${listeners.toLocaleString()} listening`
}

/** The corner of the page in a few words. */
export function pillOf(scene: Scene, facts: Facts): string {
  if (facts.status.state === 'live') return facts.listeners > 0 ? `Live · ${facts.listeners.toLocaleString()}` : 'Live'
  if (scene === 'published') return `Recording · ${clock(facts.status.replay?.seconds ?? 0)}`
  if (scene === 'ended') return 'Ended'
  if (scene === 'cancelled') return 'Cancelled'
  if (scene === 'late') return 'Not started yet'
  return facts.status.state === 'lobby' ? 'Starting' : 'Upcoming'
}
