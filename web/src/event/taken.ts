/** Why whoever came by a reserved link waits as others do: all its places are taken. Loaded for them alone, with its words. */

import { CATALOGUES } from 'virtual:words/taken'
import { speak, t } from '../words/words'
import { make, say } from './dom'
import type { Line } from './line'

const node = make('p', { class: 'notice', hidden: true, 'data-testid': 'taken' })

/** Say it after `place`, for as long as the door does. */
export async function tell({ shown, hooks }: Line, place: Element): Promise<void> {
  await speak(CATALOGUES)
  const places = shown?.placed.link_places
  const sentence = places ? t('line.taken', { places }) : ''
  if (node.previousElementSibling !== place) place.after(node)
  if (sentence && node.textContent !== sentence) hooks.announce(sentence)
  say(node, sentence)
  node.hidden = !sentence
}
