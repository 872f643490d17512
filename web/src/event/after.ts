/** What lived through the end, made what it is to whoever opens the page then. Loaded with the words for how long it was live. */

import { t } from '../words/words'
import { byId, say } from './dom'

/** The seats are empty; everybody stands there once, the host first, and is named so. */
export function settle(): void {
  for (const row of document.querySelectorAll('.seats .lit')) row.classList.remove('lit')
  const cards = [...byId('people').children]
  const once = new Map(cards.map((card) => [card.textContent, card]))
  const heard = [...once.values()].sort((one, other) => Number(isHost(other)) - Number(isHost(one)))
  byId('people').replaceChildren(...heard)
  say(byId('with'), heard.map(nameOf).join(', '))
  giveBackRoom()
}

const roleOf = (card: Element) => card.querySelector('small')?.textContent ?? ''
const isHost = (card: Element) => roleOf(card).startsWith(t('event.role.host'))

/** As the door writes it; each name keeps its own direction (Unicode, UAX 9 §2.4). */
function nameOf(card: Element): string {
  const name = `\u2068${card.querySelector('b')?.textContent ?? ''}\u2069`
  return roleOf(card).endsWith(` · ${t('event.guest')}`) ? `${name} (${t('event.guest')})` : name
}

/** What was live took more room than its recording: nothing in sight moves up by itself, so that is given back out of it, or with a press. */
function giveBackRoom(): void {
  const { style } = byId('bill')
  const give = () => (style.minBlockSize = '')
  if (byId('house').getBoundingClientRect().top < innerHeight) addEventListener('click', give, { once: true })
  else give()
}
