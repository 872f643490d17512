/**
 * What somebody sees who waits: where they stand, how long it takes and why. Drawn once, then kept up to date.
 * Loaded, with the line itself, when somebody has to wait.
 */

import './look/line.css'
import { CATALOGUES } from 'virtual:words/line'
import { reservedOf, type Placed, type Room } from '../door/standing'
import { timeText } from '../words/times'
import { locale, speak, t, timeWords } from '../words/words'
import { byId, icon, make, say } from './dom'
import { Line, type LineHooks, type Place } from './line'
import { until, untilText } from './moments'
import { KeptPlace, type Kept } from './place'
import type { Status } from './status'
import type { Actions, Facts, View } from './views'

/** Read out at most so often, unless something else than a number has changed. */
const ANNOUNCE_MS = 60_000

const WHY = {
  limit_lowered: 'line.why.limit_lowered',
  late_audio: 'line.why.late_audio',
  restarted: 'line.why.restarted',
  worst_case: 'line.why.worst_case',
  by_hand: 'line.why.by_hand',
  slower: 'line.why.slower',
} as const

/** Load the line's words, and open it. */
export async function openLine(path: string, status: Status, hooks: LineHooks): Promise<Line> {
  await speak(CATALOGUES)
  const place = new KeptPlace(path, status.space, () => {
    if (!hooks.quit()) return
    byId('action').before(make('p', { class: 'notice', id: 'elsewhere' }, t('line.elsewhere')))
    hooks.announce(t('line.elsewhere'))
  })
  return new Line(place, status, hooks)
}

export function faceOf(line: Line, actions: Actions): View {
  const head = make('p', { class: 'said', 'data-testid': 'standing' })
  const how = make('p', { 'data-testid': 'estimate' })
  const why = make('p', { class: 'notice', hidden: true, 'data-testid': 'why' })
  const room = make('p', { class: 'soft small' })
  const safe = make('p', { class: 'soft small' }, t('line.safe'))
  const unlock = make('button', { class: 'button big', type: 'button', 'data-testid': 'unlock', onclick: () => actions.unblock() }, icon('sound'), t('line.unlock'))
  const unlockWhy = make('p', { class: 'soft small' }, t('line.unlock.why'))
  const leave = make('div', { class: 'deck' },
    make('button', { class: 'button plain', type: 'button', 'data-testid': 'leave', onclick: () => actions.stop() }, t('line.leave')))
  const draw = new Draw()
  const voice = new Voice((sentence) => line.hooks.announce(sentence))
  return {
    nodes: [head, how, why, unlock, unlockWhy, room, safe, draw.node, leave],
    update(facts) {
      const place = line.shown
      if (!place) return
      const sentence = standing(place, facts)
      say(head, sentence)
      put(how, expectation(place, facts))
      put(why, lost(facts) || reasons(place, facts).join(' '))
      put(room, figures(place.room))
      for (const each of [unlock, unlockWhy]) each.hidden = !facts.locked
      draw.update(place)
      voice.tell(`${place.standing} ${place.position === null} ${why.textContent}`, [sentence, how.textContent, lost(facts) ? t('event.unreachable_short') : why.textContent])
    },
  }
}

/** Where one stands, in one sentence. */
function standing({ standing, placed, position, room }: Place, { status }: Facts): string {
  switch (standing) {
    case 'here':
      if (placed.reason === 'undrawn') return t('line.undrawn')
      return status.starts_at > Date.now()
        ? t('line.here', { time: timeText(timeWords, status.starts_at) })
        : t('line.here.late')
    case 'drawn':
      return t('line.drawn', { number: (placed.number ?? 0) + 1, entries: Math.max(room?.entries ?? 0, (placed.number ?? 0) + 1) })
    case 'drawing':
      return t('line.drawing')
    case 'next':
      return t('line.next')
    case 'called':
      return t('line.called')
    case 'in_line':
      return t('line.position', { position: position ?? 1 })
  }
}

/** How long it takes; before the start, how long until then. */
function expectation({ standing, estimate: { minutes }, room }: Place, { status }: Facts): string {
  if (standing === 'here' || standing === 'drawn') {
    const parts = until(status.starts_at - Date.now(), locale)
    return parts && status.state === 'scheduled' ? t('event.armed_in', { time: untilText(parts) }) : t('event.armed')
  }
  if (standing !== 'in_line' || !room || room.closed) return ''
  if (minutes === null) return t('line.estimate.unknown')
  return minutes === 0 ? t('line.estimate.soon') : t('line.estimate', { time: span(minutes) })
}

/** Minutes, or hours and minutes, in full. */
function span(minutes: number): string {
  const full = (count: number, unit: 'hour' | 'minute') => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
  const hours = Math.floor(minutes / 60)
  return [hours && full(hours, 'hour'), minutes % 60 && full(minutes % 60, 'minute')].filter(Boolean).join(' ')
}

/** Why it is as it is: what the operator or the ladder did, and why it takes longer than was said. */
function reasons({ standing, room, estimate, isNew, placed }: Place, { status }: Facts): string[] {
  const said: string[] = []
  if (isNew) said.push(t('line.new'))
  if (placed.line === 1) said.push(t('line.second'))
  if (!room) return said
  if (room.rung === 'worst') {
    said.push(room.places > 0 ? t('line.worst', { places: room.places }) : t('line.worst.fewer'))
    if (status.recording_policy === 'publish') said.push(t('line.worst.recording'))
  } else if (room.closed) {
    said.push(t('line.closed'))
  } else if (standing === 'in_line' && estimate.why) {
    said.push(t(WHY[estimate.why as keyof typeof WHY] ?? WHY.by_hand))
  }
  if (room.opening) said.push(t('line.opening', { places: room.opening }))
  return said
}

function lost({ retry_at_ms }: Facts): string {
  if (!navigator.onLine) return t('line.offline')
  if (retry_at_ms === null) return ''
  const seconds = Math.ceil((retry_at_ms - performance.now()) / 1000)
  return seconds > 0 ? t('line.unreachable', { seconds }) : t('line.unreachable.now')
}

/** What is public about the room. */
function figures(room: Room | null): string {
  if (!room) return ''
  const { places, inside } = reservedOf(room)
  const said = [t('line.waiting', { count: room.waiting })]
  if (room.places > 0) said.push(t('line.places', { count: room.places }))
  if (places > 0) said.push(inside === null ? t('line.reserved', { places }) : t('line.reserved.inside', { places, inside }))
  return said.join(' · ')
}

function put(element: HTMLElement, text: string): void {
  say(element, text)
  element.hidden = !text
}

/** What the curious may check, now or afterwards. */
class Draw {
  readonly node = make('details', { class: 'small draw', hidden: true }, make('summary', {}, t('line.draw')))
  readonly #list = make('dl')
  #shown = ''

  constructor() {
    this.node.append(make('p', {}, t('line.draw.how')), this.#list, make('p', {}, t('line.draw.limits')))
  }

  update({ kept, placed, room }: Place): void {
    const facts = [
      [t('line.draw.entry'), kept.id && `${kept.index}: ${kept.id}`],
      [t('line.draw.nonces'), kept.id && `${kept.nonce} ${kept.server_nonce}`],
      [t('line.draw.commitment'), kept.commitment ?? room?.commitment],
      [t('line.draw.root'), kept.root ?? room?.root],
      [t('line.draw.seed'), room?.seed],
      [t('line.draw.command'), room?.seed && checking(kept, placed)],
    ].filter((pair): pair is [string, string] => Boolean(pair[1]))
    this.node.hidden = !kept.id
    const shown = JSON.stringify(facts)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#list.replaceChildren(...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, make('code', { dir: 'ltr' }, value))]))
  }
}

/** What checks the draw against what this page noted; typed beside `draw.json` and `draw.log`. */
function checking({ id, nonce, server_nonce, commitment, root }: Kept, { number }: Placed): string {
  const noted = Object.entries({ commitment, root, id, nonces: `${nonce} ${server_nonce}`, number }).filter(([, value]) => value != null)
  return ['rostra draw verify draw.json', ...noted.map(([name, value]) => `--${name} ${value}`)].join(' ')
}

/** Says aloud what has changed, not every number. */
class Voice {
  #told = ''
  #at_ms = -Infinity
  #words = ''

  constructor(private readonly announce: (sentence: string) => void) {}

  tell(kind: string, words: (string | null)[]): void {
    const sentence = words.filter(Boolean).join(' ')
    const isNews = kind.replace(/\d+/g, '') !== this.#told
    if (!isNews && (sentence === this.#words || performance.now() - this.#at_ms < ANNOUNCE_MS)) return
    this.#told = kind.replace(/\d+/g, '')
    this.#at_ms = performance.now()
    this.#words = sentence
    this.announce(sentence)
  }
}
