/** What can be chosen for a space, each with its name and, in plain words, what it means. */

import type { Lifecycle, RecordingPolicy, Visibility } from '../api'
import type { Key } from '../words.svelte'

interface Choice<T> {
  value: T
  name: Key
  what: Key
}

export const VISIBILITIES: readonly Choice<Visibility>[] = [
  { value: 'public', name: 'console.visibility.public', what: 'console.visibility.public.what' },
  { value: 'unlisted', name: 'console.visibility.unlisted', what: 'console.visibility.unlisted.what' },
  { value: 'private', name: 'console.visibility.private', what: 'console.visibility.private.what' },
]

export const POLICIES: readonly Choice<RecordingPolicy>[] = [
  { value: 'publish', name: 'console.policy.publish', what: 'console.policy.publish.what' },
  { value: 'hold', name: 'console.policy.hold', what: 'console.policy.hold.what' },
  { value: 'delete', name: 'console.policy.delete', what: 'console.policy.delete.what' },
]

export const STATE_WORDS: Readonly<Record<Lifecycle, Key>> = {
  scheduled: 'console.state.scheduled',
  lobby: 'console.state.lobby',
  live: 'console.state.live',
  ended: 'console.state.ended',
  held: 'console.state.held',
  published: 'console.state.published',
  deleted: 'console.state.deleted',
  cancelled: 'console.state.cancelled',
}

/** Not over: it comes, or it is on. */
export const COMING: readonly Lifecycle[] = ['scheduled', 'lobby', 'live']
/** What still wants somebody's hand; a held recording does, so it stands above what is past. */
export const PENDING: readonly Lifecycle[] = [...COMING, 'held']
/** Ended and no further: its recording was lost, and nobody can do anything about it. */
export const PAST: readonly Lifecycle[] = ['published', 'deleted', 'cancelled', 'ended']
