/** Another start than the door wrote into the page. Loaded when it was moved meanwhile, with its words. */

import { CATALOGUES } from 'virtual:words/rescheduled'
import { bothTexts, momentText, zoneText } from '../words/times?rescheduled'
import { speak, t, timeWords } from '../words/words'
import { byId, say } from './dom'

/** Write the host's time, and what it was before (null: as it is). Rejects when the words are not reached. */
export async function tellTimes(starts_at: number, starts_before: number | null, zone: string, announce: (sentence: string) => void): Promise<void> {
  await speak(CATALOGUES)
  say(byId('starts'), momentText(timeWords, starts_at, zone))
  say(byId('zone'), zoneText(starts_at, zone))
  if (!starts_before) return
  const [before, after] = bothTexts(timeWords, starts_before, starts_at, zone)
  const words = t('event.rescheduled', { before, after })
  say(byId('rescheduled'), words)
  if (!byId('rescheduled').hidden) announce(words)
}
