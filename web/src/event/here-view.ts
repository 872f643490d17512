/**
 * What somebody sees who waits: before the start that they are in, and then whatever there is to say of the line, which
 * `line-view.ts` says. Drawn once, then kept up to date. Loaded, with the line itself, at a press before the start.
 */

import { CATALOGUES } from 'virtual:words/here'
import { speak, t } from '../words/words'
import { byId, icon, make, say } from './dom'
import { allFit } from '../door/standing'
import { Line, type LineHooks, type Place } from './line'
import { KeptPlace } from './place'
import type { Status } from './status'
import { unreachable, untilStart, type Actions, type Facts, type View } from './views'

/** What was not reached is asked for again after so long. */
const AGAIN_MS = 3000

/** Where one stands, how long it takes and why, and what is public about the room. */
export interface Told {
  head: string
  how: string
  why: string
  figures?: string
}

/** Load the first words, and open the line. */
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
  const head = make('p', { class: 'said', tabindex: -1, 'data-testid': 'standing' })
  const how = make('p', { 'data-testid': 'estimate' })
  const why = make('p', { class: 'notice', hidden: true, 'data-testid': 'why' })
  const room = make('p', { class: 'soft small' })
  const safe = make('p', { class: 'soft small' }, t('line.safe'))
  const unlock = make('button', { class: 'button big', type: 'button', hidden: true, 'data-testid': 'unlock', onclick: () => actions.unblock() }, icon('sound'), t('line.unlock'))
  const unlockWhy = make('p', { class: 'soft small' }, t('line.unlock.why'))
  const draw = make('details', { class: 'small draw', hidden: true, ontoggle: () => ask() }, make('summary', {}, t('line.draw')))
  const leave = make('div', { class: 'deck' },
    make('button', { class: 'button plain', type: 'button', 'data-testid': 'leave', onclick: () => actions.stop() }, t('line.leave')))
  let said = ''
  let tell = (place: Place, facts: Facts): Told => {
    const told = first(place, facts)
    if (told.head !== said) line.hooks.announce((said = told.head))
    return told
  }
  let asked = false
  function ask(): void {
    if (asked) return
    asked = true
    import('./line-view').then(({ sayMore }) => sayMore(line, draw, first)).then(
      (more) => {
        tell = more
        line.hooks.draw()
      },
      () => {
        setTimeout(() => (asked = false), AGAIN_MS)
        if (!document.hidden) void actions.missed() // a phone in the pocket keeps the sound that a press has unlocked
      },
    )
  }
  return {
    nodes: [head, how, why, unlock, unlockWhy, room, safe, draw, leave],
    update(facts) {
      const place = line.shown
      if (!place) return
      if (hasMore(place)) ask()
      const told = tell(place, facts)
      say(head, told.head)
      put(how, told.how === told.head ? '' : told.how)
      put(why, told.why)
      put(room, told.figures ?? '')
      unlock.hidden = unlockWhy.hidden = !facts.locked
      draw.hidden = !place.kept.id
      if (place.placed.link_places != null) import('./taken').then(({ tell }) => tell(line, why)).catch(() => {})
    },
  }
}

/** Whether there is more to say than {@link first} does: of a number, of what takes longer, of more people than places. */
function hasMore({ standing, placed, isNew, room }: Place): boolean {
  if (standing === 'drawn' || (standing === 'in_line' && !allFit(room)) || isNew || placed.line === 1 || placed.reason === 'undrawn') return true
  return room !== null && (room.rung === 'worst' || room.closed || Boolean(room.opening) || (room.places > 0 && room.waiting >= room.places))
}

const first = (place: Place, facts: Facts): Told => ({
  head: here(place, facts),
  how: place.standing === 'here' || place.standing === 'drawn' ? untilStart(facts) : '',
  why: facts.retry_at_ms !== null || !navigator.onLine ? unreachable(facts.retry_at_ms ?? 0) : '',
})

/** Where one stands who has no number, or needs none any more; of others, what is true of them too. */
function here({ standing, room }: Place, facts: Facts): string {
  switch (standing) {
    case 'here':
    case 'drawn':
      return facts.status.starts_at > facts.now_ms ? t('line.here') : untilStart(facts)
    case 'next':
      return t('line.next')
    case 'called':
      return t('line.called')
    default:
      return t(allFit(room) ? 'line.next' : 'line.drawing')
  }
}

function put(element: HTMLElement, text: string): void {
  say(element, text)
  element.hidden = !text
}
