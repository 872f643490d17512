/** Another start than the door wrote into the page. Loaded when it was moved meanwhile, or is live early, or over and was live at another time, with its words. */

import { CATALOGUES } from 'virtual:words/rescheduled'
import { bothTexts, momentText, zoneText } from '../words/times?rescheduled'
import { speak, t, timeWords } from '../words/words'
import { settle } from './after'
import { byId, say } from './dom'
import { split } from './moments'
import { begunAt, isOver } from './begun'
import type { Status } from './status'

/** Write the host's time, and what it was before or how long it was live. Rejects when the words are not reached. */
export async function tellTimes(status: Status, zone: string, announce: (sentence: string) => void): Promise<void> {
  await speak(CATALOGUES)
  const { starts_at, starts_before, live_at, ended_at } = status
  const at = begunAt(status)
  say(byId('starts'), momentText(timeWords, at, zone))
  say(byId('zone'), zoneText(at, zone))
  if (isOver(status.state)) {
    say(byId('lasted'), live_at && ended_at ? t('event.lasted', { length: lengthText((ended_at - live_at) / 1000) }) : '')
    return settle()
  }
  if (at !== starts_at) {
    const words = t('event.early', { time: bothTexts(timeWords, starts_at, at, zone)[0] })
    say(byId('lasted'), words)
    return announce(words)
  }
  if (!starts_before) return
  const [before, after] = bothTexts(timeWords, starts_before, starts_at, zone)
  const words = t('event.rescheduled', { before, after })
  say(byId('rescheduled'), words)
  if (!byId('rescheduled').hidden) announce(words)
}

/** A duration as the door says it: `48 s`, `12 min`, `1 h 02 min`. */
function lengthText(length_s: number): string {
  const [days, hours, minutes, seconds] = split(length_s).map(([count]) => count) as [number, number, number, number]
  const allHours = days * 24 + hours
  if (allHours) return t('door.length_hours', { hours: allHours, minutes: String(minutes).padStart(2, '0') })
  return minutes ? t('door.length_minutes', { minutes }) : t('door.length_seconds', { seconds })
}
