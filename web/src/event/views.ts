/** The faces of the page: what stands under the title in each scene. Each view is drawn once and then kept up to date. */

import { backoff_s, pause } from '../player/backoff'
import { audience, locale, t, tenths } from '../words/words'
import { DataUse } from './data'
import { fill, icon, make, say, type Shape } from './dom'
import { clock, until, untilText } from './moments'
import type { Scene } from './scene'
import type { Listening } from './listening'
import type { Words } from './lockscreen'
import { reasonOf, type Status } from './status'

/** What the views may ask for. */
export interface Actions {
  press(): void
  unblock(): void
  stop(): void
  share(): void
  save(saving: boolean): void
  hearAnyway(): void
  /** A part of the page was not reached; resolves when it may be asked for again. */
  missed(): Promise<void>
  readonly audio: HTMLAudioElement
  readonly playerLink: string
  readonly lockScreen: Words
}

export interface Facts {
  status: Status
  /** UTC by the door's clock, in milliseconds. */
  now_ms: number
  listening: Listening
  listeners: number
  estimated: boolean
  latency_s: number
  /** In this visit. */
  received_bytes: number
  /** What an hour costs; null while that is not known. */
  hourly_bytes: number | null
  /** Whether a cheaper rendition is there to be chosen. */
  canSave: boolean
  /** Silent, because this browser's owner is on stage in another tab. */
  hushed: boolean
  /** When the door is asked again (page clock), where it could not be reached. */
  retry_at_ms: number | null
  /** Whether the browser wants a press before it lets sound out. */
  locked: boolean
}

export interface View {
  nodes: Node[]
  update(facts: Facts): void
  /** Once a part that is loaded late stands there. */
  whole?: Promise<void>
}

const ENDED = { publish: 'event.ended', hold: 'event.held', delete: 'event.ended_delete' } as const

const still = (...nodes: Node[]): View => ({ nodes, update: () => {} })
/** May have the focus, where there is nothing to press. */
const said = (text: string) => make('p', { class: 'said', tabindex: -1 }, text)
const soft = (text = '') => make('p', { class: 'soft' }, text)

function bigButton(words: string, shape: Shape, press: () => void): HTMLButtonElement {
  return make('button', { class: 'button big', type: 'button', 'data-testid': 'listen', onclick: press }, icon(shape), words)
}

/** Round and without words: it stands beside controls that matter more. */
export function shareButton(actions: Actions): HTMLButtonElement {
  return make('button', { class: 'round', type: 'button', 'aria-label': t('event.share'), title: t('event.share'), onclick: () => actions.share() }, icon('share'))
}

/** The view of a scene; waiting has a face of its own, which is loaded when it is needed. */
export function viewOf(scene: Exclude<Scene, 'waiting'>, actions: Actions, status: Status): View {
  switch (scene) {
    case 'scheduled':
      return scheduled(actions)
    case 'late':
    case 'lobby':
      return still(said(announcementOf(scene, status)), bigButton(t('event.listen_ahead'), 'play', () => actions.press()))
    case 'armed':
      return armed()
    case 'invite':
      return invite(actions)
    case 'starting':
    case 'playing':
      return deck(actions)
    case 'blocked':
      return still(bigButton(t('event.tap'), 'sound', () => actions.unblock()), soft(t('event.tap_why')))
    case 'reaching':
      return reaching(actions)
    case 'unplayable':
      return unplayable(actions)
    case 'ended':
    case 'lost':
      return still(said(announcementOf(scene, status)), ...because(status))
    case 'published':
    case 'held':
      return status.replay ? recording(actions, status) : still(said(t(scene === 'held' ? 'event.held' : 'event.ended')))
    case 'deleted':
    case 'cancelled':
      return still(said(announcementOf(scene, status)))
  }
}

const replayPart = () => import('./replay')

/** Why it ended when the host did not will it so; its words come with those of a recording. */
function because({ reason }: Status): Node[] {
  if (!reason) return []
  const line = make('p', { class: 'notice' }, '\u00a0')
  void replayPart().then(({ tellWhy }) => tellWhy(line, reason)).catch(() => line.remove())
  return [line]
}

function scheduled(actions: Actions): View {
  const counter = make('div', { class: 'countdown', role: 'timer', 'aria-label': t('event.until') })
  return {
    nodes: [counter, bigButton(t('event.listen_ahead'), 'play', () => actions.press())],
    update({ status, now_ms }) {
      const parts = until(Math.max(1, status.starts_at - now_ms), locale)!
      if (counter.childElementCount !== parts.length) {
        counter.replaceChildren(...parts.map(() => make('div', {}, make('b'), make('span'))))
      }
      parts.forEach(([count, unit], i) => {
        const [number, label] = counter.children[i]!.children
        say(number!, String(count))
        say(label!, unit)
      })
    },
  }
}

function armed(): View {
  const words = said('')
  return {
    nodes: [words, soft(t('event.leave_open'))],
    update: (facts) => say(words, untilStart(facts)),
  }
}

/** When it starts, to whoever waits for that: no promise of a place, which the draw may give to others. */
export function untilStart({ status, now_ms }: Facts): string {
  const parts = until(status.starts_at - now_ms, locale)
  return parts ? t('event.armed_in', { time: untilText(parts) }) : t(status.state === 'late' ? 'event.late' : 'event.lobby')
}

function invite(actions: Actions): View {
  const count = soft()
  return {
    nodes: [bigButton(t('event.listen'), 'play', () => actions.press()), count],
    update: ({ listeners, estimated }) =>
      say(count, listeners > 0 ? `${audience(listeners, estimated)} · ${t('event.no_account')}` : t('event.no_account')),
  }
}

/** Starting and playing share one view, so that what has the focus keeps it. */
function deck(actions: Actions): View {
  const words = said('')
  const small = make('p', { class: 'soft small' })
  const count = make('span', { 'data-testid': 'listeners' })
  const behind = make('span')
  small.append('\u200b', count, behind) // as high as a line, though it says nothing yet
  const data = new DataUse((saving) => actions.save(saving))
  const hush = make('div', { class: 'notice', hidden: true, 'data-testid': 'hushed' },
    make('p', {}, t('event.on_stage')),
    make('p', {}, make('button', { class: 'button plain', type: 'button', onclick: () => actions.hearAnyway() }, t('event.hear_anyway'))))
  const stop = make('button', { class: 'round solid', type: 'button', 'aria-label': t('event.stop'), onclick: () => actions.stop() }, icon('stop'))
  return {
    nodes: [make('div', { class: 'deck' }, stop, volume(actions.audio), shareButton(actions)), hush, words, small, data.node],
    update({ listening, listeners, estimated, latency_s, received_bytes, hourly_bytes, canSave, hushed }) {
      hush.hidden = !hushed
      const course = listening.kind === 'playing' ? listening.course : null
      say(words, t(course === null ? 'event.connecting' : course === 'waiting' ? 'event.waiting' : 'event.playing'))
      say(count, listeners > 0 ? audience(listeners, estimated) : '')
      const known = course !== null && course !== 'waiting' && latency_s > 0 && latency_s < 120
      const how = t(course === 'catching_up' ? 'event.catching_up' : 'event.behind', { seconds: tenths.format(latency_s) })
      say(behind, known ? `${listeners > 0 ? ' · ' : ''}${how}` : '')
      data.update(received_bytes, hourly_bytes, canSave)
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
    type: 'range', min: 0, max: 1, step: 0.01, value: audio.volume, 'aria-label': t('event.volume'),
    oninput: () => {
      audio.volume = slider.valueAsNumber
      fill(slider)
    },
  })
  fill(slider)
  return make('div', { class: 'volume' }, icon('sound'), slider)
}

function reaching(actions: Actions): View {
  const words = make('p', { class: 'notice' })
  return {
    nodes: [words, make('div', { class: 'deck' },
      make('button', { class: 'button plain', type: 'button', onclick: () => actions.stop() }, icon('stop'), t('event.stop_trying')))],
    update({ listening, status }) {
      if (listening.kind !== 'reaching') return
      const next = unreachable(listening.retry_at_ms)
      say(words, status.state === 'live' && status.reason ? `${reasonOf(status.reason)} ${next}` : next)
    },
  }
}

function unplayable(actions: Actions): View {
  return still(
    said(t('event.unplayable')),
    make('a', { class: 'button big', href: actions.playerLink }, icon('play'), t('event.other_player')),
    soft(t('event.newer')),
  )
}

/** What plays a recording is loaded when there is one; room is left for it. */
function recording(actions: Actions, status: Status): View {
  const room = make('div', { class: 'hold replay' })
  let view = still(room)
  async function arrive(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { openReplay } = await replayPart()
        view = await openReplay(actions, status)
        return room.replaceWith(...view.nodes)
      } catch {
        await pause(backoff_s(attempt))
        await actions.missed()
        if (!room.isConnected) return // the page has turned
      }
    }
  }
  return { nodes: [room], update: (facts) => view.update(facts), whole: arrive() }
}

/** The sentence for a room that does not answer. */
export function unreachable(retry_at_ms: number): string {
  if (!navigator.onLine) return t('event.offline')
  const seconds = Math.ceil((retry_at_ms - performance.now()) / 1000)
  return seconds > 0 ? t('event.unreachable', { seconds }) : t('event.unreachable_now')
}

/** What a screen reader says when the page turns to a scene; empty where the view's own focus or words do. */
export function announcementOf(scene: Scene, status: Status): string {
  if (scene === 'ended') return t(ENDED[status.recording_policy])
  if (scene === 'reaching') return t(navigator.onLine ? 'event.unreachable_short' : 'event.offline')
  return scene in ANNOUNCED ? t(ANNOUNCED[scene as keyof typeof ANNOUNCED]) : ''
}

const ANNOUNCED = {
  late: 'event.late', lobby: 'event.lobby', armed: 'event.armed', invite: 'event.live', playing: 'event.playing', blocked: 'event.tap_why',
  unplayable: 'event.unplayable', lost: 'event.lost', published: 'event.published', held: 'event.held', deleted: 'event.deleted', cancelled: 'event.cancelled',
} as const

/** The corner of the page in a few words. */
export function pillOf({ status, listeners, estimated }: Facts): string {
  const state = t(`event.pill.${status.state}`)
  if (status.state === 'live' && listeners > 0) return `${state} · ${estimated ? '≈' : ''}${listeners.toLocaleString(locale)}`
  return status.replay ? `${state} · ${clock(status.replay.seconds)}` : state
}
