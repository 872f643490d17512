/** One line that says what is given up while the crowd is larger than the machine. Loaded when that happens. */

import './look/rung.css'
import { CATALOGUES, type Key } from 'virtual:words/rung'
import { speak, t } from '../words/words'
import { make, say } from './dom'

const GROUND = 'ground'
/** Whoever waits reads these where they stand in line (`line-view.ts`). */
const OF_THE_LINE = ['door', 'worst']

/** Put the line after `place`, hidden; what it returns is told each rung: `ground`, and the line goes; nothing, and it goes without a word. */
export async function rungLine(place: Element, announce: (sentence: string) => void): Promise<(rung: string) => void> {
  await speak(CATALOGUES)
  const node = make('p', { class: 'notice', id: 'rung', hidden: true })
  place.after(node)
  let stands = GROUND
  return (rung) => {
    const now = rung || GROUND
    if (now === stands) return
    stands = now
    const sentence = t(`rung.${now}.audience` as Key)
    node.hidden = now === GROUND
    node.toggleAttribute('data-in-line', OF_THE_LINE.includes(now))
    say(node, node.hidden ? '' : sentence)
    const isSaid = OF_THE_LINE.includes(now) && document.querySelector('.action > .draw')
    if (rung && !isSaid) announce(sentence)
  }
}
