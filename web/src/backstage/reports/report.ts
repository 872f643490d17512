/** Reports as the API shows them, and the words for what they say. */

import type { Lifecycle } from '../api'
import type { Key } from '../words.svelte'

export type Subject = 'space' | 'speaker' | 'notice' | 'recording'
export type Verdict = 'dismissed' | 'removed' | 'suspended' | 'hidden'
export type Grounds = 'harassment' | 'hate' | 'threat' | 'privacy' | 'deception' | 'illegal' | 'spam' | 'else'

export interface Report {
  id: string
  space: { id: string; title: string; state: Lifecycle; event_url: string; hidden_reason: string }
  subject: Subject
  /** The speaker's name, the notice's text or the title, as it was then. */
  about: string
  /** Of the account whose it is; null where that is none. */
  handle: string | null
  grounds: Grounds
  text: string
  at_s: number
  /** ISO 8601. */
  at: string
  state: 'open' | Verdict
  note: string
  handled_at: string | null
  handled_by: { label: string; handle: string; name: string } | null
  /** What the one who asks can decide. */
  may: Verdict[]
}

/** What came of a report, for whoever made it. */
export interface Outcome {
  title: string
  subject: Subject
  about: string
  grounds: Grounds
  text: string
  at_s: number
  at: string
  state: 'open' | Verdict
  note: string
  handled_at: string | null
}

/** In the order in which they are offered: mildest first. */
export const VERDICTS: Readonly<Record<Verdict, Key>> = {
  dismissed: 'console.reports.dismiss',
  removed: 'console.reports.remove',
  suspended: 'console.reports.suspend',
  hidden: 'console.reports.hide',
}

/** What a verdict does, with a place for the name of whoever it is about. */
export function whatOf(verdict: Verdict, subject: Subject): Key {
  if (verdict === 'removed') return subject === 'speaker' ? 'console.reports.remove.what.speaker' : 'console.reports.remove.what.notice'
  return `${VERDICTS[verdict]}.what` as Key
}
