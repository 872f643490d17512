import { expect, test } from 'vitest'
import { holdFrom, noticesFrom, pinnedFrom, type RoomEvent } from '../src/player/events'
import { Timeline } from '../src/player/timeline'

const snapshot = (more: Partial<RoomEvent> = {}): RoomEvent => ({ v: 1, at: 0, speakers: [], speaking: [], listeners: 0, ...more })
const change = (more: Partial<RoomEvent>): RoomEvent => ({ v: 1, at: 0, ...more })
const slides = { link: 'https://example.org', label: 'Slides' }

test('a snapshot says all that lasts, a change only what is new', () => {
  expect(pinnedFrom(snapshot({ pinned: slides }))).toEqual(slides)
  expect(pinnedFrom(snapshot())).toBeNull()
  expect(pinnedFrom(change({ pinned: slides }))).toEqual(slides)
  expect(pinnedFrom(change({ pinned: {} }))).toBeNull()
  expect(pinnedFrom(change({ listeners: 3 }))).toBeUndefined()
  expect([holdFrom(snapshot({ hold: true })), holdFrom(snapshot())]).toEqual([true, false])
  expect([holdFrom(change({ hold: false })), holdFrom(change({}))]).toEqual([false, undefined])
  expect([noticesFrom(snapshot({ notices: ['n1'] })), noticesFrom(snapshot())]).toEqual([['n1'], []])
  expect([noticesFrom(change({ notices: [] })), noticesFrom(change({}))]).toEqual([[], undefined])
})

test('a caption waits until the audio that it came with is heard', () => {
  const timeline = new Timeline()
  const caption = { id: 'a', at: 450_000, samples: 96_000, text: 'Good evening.', lang: 'en' }
  timeline.add([{ v: 1, at: 480_000, captions: [caption] }])
  expect(timeline.due(9.9)).toEqual([])
  expect(timeline.due(10).map((event) => event.captions)).toEqual([[caption]])
  expect(timeline.due(10.1)).toEqual([])
})
