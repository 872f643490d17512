import { expect, test } from 'vitest'
import { readEvents } from '../src/player/emsg'
import { rungOf } from '../src/player/events'
import { readId3 } from '../src/player/id3'
import { chunk, emsg, id3 } from './chunks'

const snapshot = { v: 1, at: 184320, speakers: [{ id: 'a', name: 'Ada Müller', role: 'host', muted: false }], speaking: ['a'], listeners: 412 }

test('a snapshot is read from the head of its chunk', () => {
  expect(readEvents(chunk('audio', emsg(snapshot)))).toEqual([snapshot])
})

test('a large crowd of speakers makes a frame whose size needs two bytes', () => {
  const crowd = { ...snapshot, speakers: Array.from({ length: 13 }, (_, i) => ({ id: String(i), name: 'A rather long name', role: 'speaker' })) }
  expect(readEvents(chunk('audio', emsg(snapshot), emsg(crowd)))).toEqual([snapshot, crowd])
})

test('events of others are passed over', () => {
  expect(readEvents(chunk('audio', emsg(snapshot, 'urn:scte:scte35:2013:bin')))).toEqual([])
  expect(readId3(id3(snapshot, 'somebody.else'))).toBeNull()
})

test('broken events are passed over, and noise never throws', () => {
  const whole = emsg(snapshot)
  for (let at = 8; at < whole.length; at += 1) {
    const broken = whole.slice()
    broken[at] = (broken[at]! ^ 0xff) & 0xff
    expect(() => readEvents(chunk('audio', broken))).not.toThrow()
  }
})

test('a rung holds until another is told; a snapshot without one stands on the ground', () => {
  expect(rungOf({ ...snapshot, rung: 'low' })).toBe('low')
  expect(rungOf({ v: 1, at: 0, listeners: 3 })).toBeUndefined()
  expect(rungOf({ v: 1, at: 0, rung: '' })).toBe('')
  expect(rungOf(snapshot)).toBe('')
})
