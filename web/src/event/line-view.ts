/**
 * What there is to say of a line besides that one is in: one's number, how long it takes and why, what the draw was.
 * Loaded once there is any of that, with its words.
 */

import './look/line.css'
import type { Key } from 'virtual:words/event'
import { CATALOGUES } from 'virtual:words/line'
import { Estimate } from '../door/estimate'
import { reservedOf, type Placed, type Room } from '../door/standing'
import { locale, speak, t } from '../words/words'
import { make } from './dom'
import type { Told } from './here-view'
import type { Line, Place } from './line'
import type { Kept } from './place'
import type { Facts } from './views'

/** Read out at most so often, unless something else than a number has changed. */
const ANNOUNCE_MS = 60_000

type Teller = (place: Place, facts: Facts) => Told

/**
 * What says it, `first` what is said without this; `draw` is where the curious may look. Rejects when the words are not
 * reached.
 */
export async function sayMore(line: Line, draw: HTMLElement, first: Teller): Promise<Teller> {
  await speak(CATALOGUES)
  let said = line.place.kept.said ?? null
  const estimate = new Estimate(said)
  line.estimate(estimate)
  const receipt = receiptIn(draw)
  const tell = voice(line.hooks.announce)
  return (place, facts) => {
    receipt(place)
    if (estimate.said !== said) line.place.keep({ said: (said = estimate.said) })
    const known = first(place, facts)
    const head = numbered(place) || known.head
    const how = known.how || expectation(place)
    const gone = lost(facts)
    const why = gone || reasons(place, facts).join(' ')
    tell(`${place.standing} ${place.position === null} ${why}`, [head, how, gone ? t('event.unreachable_short') : why])
    return { head, how, why, figures: figures(place.room) }
  }
}

/** Where one stands by one's number; empty where there is none, or it says nothing any more. */
function numbered({ standing, placed, position, room, kept }: Place): string {
  if (standing === 'here') return placed.reason === 'undrawn' ? t('line.undrawn') : placed.line ? t('line.two') : ''
  if (position === null) return ''
  if (placed.line === 2) return t('line.position.reserved', { position })
  // Whoever came after the draw was in none.
  const isDrawn = standing === 'drawn' && kept.id && !placed.line
  return isDrawn ? t('line.drawn', { number: position, entries: room!.entries }) : t('line.position', { position })
}

/** How long it takes. */
function expectation({ standing, estimate: { minutes }, room }: Place): string {
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
    said.push(longer(estimate.why))
  }
  if (room.opening) said.push(t('line.opening', { places: room.opening }))
  return said
}

/** Why it takes longer than was said; what has no words of its own was done by hand. */
function longer(why: string): string {
  const key = `line.why.${why}` as Key
  const said = t(key)
  return said === key ? t('line.why.by_hand') : said
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

/** What the curious may check, now or afterwards. */
function receiptIn(node: HTMLElement): (place: Place) => void {
  const list = make('dl')
  let was = ''
  node.append(make('p', {}, t('line.draw.how')), list, make('p', {}, t('line.draw.limits')))
  return ({ kept, placed, room }) => {
    const facts = [
      [t('line.draw.entry'), kept.id && `${kept.index}: ${kept.id}`],
      [t('line.draw.nonces'), kept.id && `${kept.nonce} ${kept.server_nonce}`],
      [t('line.draw.commitment'), kept.commitment ?? room?.commitment],
      [t('line.draw.root'), kept.root ?? room?.root],
      [t('line.draw.seed'), room?.seed],
      [t('line.draw.command'), room?.seed && checking(kept, placed)],
    ].filter((pair): pair is [string, string] => !!pair[1])
    const shown = JSON.stringify(facts)
    if (shown === was) return
    was = shown
    list.replaceChildren(
      ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, make('code', { dir: 'ltr' }, value))]),
      ...(room?.seed ? ['draw.json', 'draw.log'] : []).map((file) => make('dd', {}, make('a', { href: `${location.pathname}/${file}` }, file))),
    )
  }
}

/** What checks the draw against what this page noted; typed beside `draw.json` and `draw.log`. */
function checking({ id, nonce, server_nonce, commitment, root }: Kept, { line, number }: Placed): string {
  const noted = Object.entries({ commitment, root, id, nonces: `${nonce} ${server_nonce}`, line, number }).filter(([, value]) => value != null)
  return ['rostra draw verify draw.json', ...noted.map(([name, value]) => `--${name} ${value}`)].join(' ')
}

/** Says aloud what has changed, not every number. */
function voice(announce: (sentence: string) => void): (kind: string, words: string[]) => void {
  let told = ''
  let at_ms = -Infinity
  let said = ''
  return (kind, words) => {
    const sentence = words.filter(Boolean).join(' ')
    const what = kind.replace(/\d+/g, '')
    if (what === told && (sentence === said || performance.now() - at_ms < ANNOUNCE_MS)) return
    told = what
    at_ms = performance.now()
    announce((said = sentence))
  }
}
