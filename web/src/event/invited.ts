/**
 * Somebody signed in backstage was invited to speak here by their handle: the page says so, and where the way in is, in the
 * place of “Ask to speak”. Loaded by browsers that are signed in, and no others. Backstage alone knows, and is asked
 * now and then, the less often the more pages the door has to answer.
 */

import { CATALOGUES } from 'virtual:words/invited'
import { SignedIn } from '../speaking/signed-in'
import { speak, t } from '../words/words'
import { isOver } from './begun'
import { make } from './dom'
import { isOnStage, isSignedIn } from './elsewhere'
import type { Listener } from './floor'
import type { Boot, Status } from './status'

/** So often the door is asked for each time that backstage is. */
const POLLS = 15
/** Nobody is asked at once: a crowd opens its pages together. */
const FIRST = 5
/** What somebody here is made by others: owners and operators know their way. */
const GIVEN = ['speaker', 'cohost', 'acting', 'host']

/** Look until it is over, the page turns, or nobody is signed in any more. Rejects when the words are not reached. */
export async function lookOut({ space, urls }: Boot, button: HTMLButtonElement, status: () => Status, page: Pick<Listener, 'announce'>): Promise<void> {
  const signedIn = new SignedIn(urls.backstage, space)
  await speak(CATALOGUES)
  const way = make('a', { class: 'button plain', href: `${urls.backstage}studio/${space}` }, t('speak.studio'))
  way.style.marginBlockStart = '0.75rem'
  const told = make('div', { class: 'notice', 'data-testid': 'invited' }, make('p', {}, t('event.invited')), way)
  await pause(FIRST * status().poll_ms * Math.random())
  while (isSignedIn() && !isOver(status().state) && (button.isConnected || told.isConnected)) {
    const seat = (await signedIn.look())?.seat ?? ''
    if (!GIVEN.includes(seat) || isOnStage()) put(button, told, button)
    else if (!button.hidden && put(told, button, way)) page.announce(t('event.invited')) // not while they ask or speak, or it is locked
    await pause(POLLS * status().poll_ms * (0.7 + 0.3 * Math.random()))
  }
  put(button, told, button)
}

/** In the place of another, with the focus that it had: whether it stood there. */
function put(next: HTMLElement, last: HTMLElement, focused: HTMLElement): boolean {
  const stood = last.isConnected
  const had = last.contains(document.activeElement)
  last.replaceWith(next)
  if (had) focused.focus()
  return stood
}

function pause(wait_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait_ms))
}
