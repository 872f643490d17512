/** `status.json`: where a space stands, as the door tells it. */

import type { Room } from '../door/standing'
import type { Paced } from '../door/watch'
import type { Person, Pinned } from '../player/events'
import type { Key } from 'virtual:words/event'
import { t } from '../words/words'
import type { State } from './begun'

/** A line to the audience. */
export interface Told {
  id: string
  text: string
  /** An http(s) address, or empty. */
  link?: string
  author: string
  /** UTC in milliseconds. */
  at: number
}

/** Another space. */
export interface Elsewhere {
  space: string
  /** Empty where it is not for everybody to know. */
  state: State | ''
}

export interface Status extends Paced {
  space: string
  state: State
  title: string
  host: string
  host_verified: boolean
  recording_policy: 'publish' | 'hold' | 'delete'
  starts_at: number
  /** The start that was announced at first, where it is another now. */
  starts_before: number | null
  live_at: number | null
  ended_at: number | null
  run: string | null
  listeners: number
  /** Whether that is an estimate. */
  estimated: boolean
  speakers: (Person & { speaking?: boolean })[]
  replay: { mp4: string; hls: string; dash: string; seconds: number } | null
  /** Why it ended, when not because the host ended it, or is not heard just now: a word that {@link reasonOf} puts in words. */
  reason?: string
  /** Newest first. */
  notices: Told[]
  /** Nobody new comes to the stage. */
  locked: boolean
  /** Why an operator locked it; empty when they did not. */
  locked_reason: string
  /** Where it goes on. */
  moved: Elsewhere | null
  /** UTC of the programme's first sample, in nanoseconds; null before it is live. */
  anchor_utc_ns: number | null
  pinned: Pinned | null
  /** Live with nobody on stage: music plays. */
  hold: boolean
  /** What can be pressed. */
  reactions: string[]
  now: number
  /** Of the line before it; null while nobody waits and nothing is limited. */
  room: Room | null
}

/** What the door writes into the page: the status, and what does not change while it is open. */
export interface Boot extends Status {
  time_zone: string
  urls: { event: string; card: string; m3u: string; ics: string; backstage: string; report: string; remind: string }
}

/** Why it ended, or is not heard just now, in the reader's language. */
export function reasonOf(told: string): string {
  const [word, reason] = told.split(/: (.*)/s)
  const key = `why.${word}` as Key
  const said = t(key)
  if (said === key) return told
  return reason ? `${said} ${t('event.reason', { reason })}` : said
}
