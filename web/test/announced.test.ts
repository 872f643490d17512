import { beforeAll, expect, test, vi } from 'vitest'
import en from '../../src/rostra/words/en.json' with { type: 'json' }
import type { Scene } from '../src/event/scene'
import type { Status } from '../src/event/status'

/** Of what the page shows in a scene, and of what a screen reader says when the page turns to it. */
let announced: (scene: Scene, policy: Status['recording_policy']) => string

beforeAll(async () => {
  const page = { documentElement: { dataset: { words: 'en' }, dir: 'ltr', lang: 'en' }, body: { dataset: {} } }
  vi.stubGlobal('document', page)
  vi.stubGlobal('navigator', { languages: [], onLine: true })
  const { CATALOGUES } = await import('virtual:words/event')
  const { speak } = await import('../src/words/words')
  const { announcementOf } = await import('../src/event/views')
  await speak(CATALOGUES)
  announced = (scene, policy) => announcementOf(scene, { recording_policy: policy } as Status)
})

test('the end is announced with what was chosen for the recording, as the page shows it', () => {
  expect(announced('ended', 'publish')).toBe(en['event.ended'])
  expect(announced('ended', 'hold')).toBe(en['event.held'])
  expect(announced('ended', 'delete')).toBe(en['event.ended_delete'])
})

test('where the tape was lost nothing is promised, whatever was chosen', () => {
  for (const policy of ['publish', 'hold', 'delete'] as const) expect(announced('lost', policy)).toBe(en['event.lost'])
})
