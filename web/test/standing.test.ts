/** When a place is brought to the door, and where whoever waits stands. */

import { describe, expect, test } from 'vitest'
import { allFit, claim_ms, enter_ms, positionOf, reservedOf, standingOf, type Placed, type Room } from '../src/door/standing'
import { sceneOf } from '../src/event/scene'

const room = (more: Partial<Room> = {}): Room => ({
  open: true, drawn: true, commitment: '', root: '', seed: '', entries: 0, serving: [10, 0, 0], per_s: [1, 0, 0], near: [40, 0, 0], waiting: 5,
  places: 20, reserved: 0, rung: 'ground', closed: false, reason: '', ...more,
})
const placed = (more: Partial<Placed> = {}): Placed => ({
  admitted: false, place: 'p', number: 12, line: 0, called: false, again_ms: 8000, reason: 'full', ...more,
})
const POLL_MS = 1500

describe('a place is brought to the door', () => {
  test('when its number is called, within two seconds, and not before', () => {
    expect(claim_ms(placed(), room(), true, POLL_MS)).toBeNull()
    const called = room({ serving: [13, 0, 0] })
    for (const random of [0, 0.999]) {
      expect(claim_ms(placed(), called, true, POLL_MS, random)).toBeLessThan(500)
      expect(claim_ms(placed(), called, true, 60_000, random)).toBeLessThan(2000)
    }
    expect(claim_ms(placed({ line: 1 }), called, true, POLL_MS)).toBeNull()
  })

  test('when the door said that it would be called by then', () => {
    expect(claim_ms(placed({ due: true, again_ms: 1700 }), room(), true, POLL_MS)).toBe(1700)
  })

  test('when nobody waits any more', () => {
    expect(claim_ms(placed(), null, true, POLL_MS, 0.5)).toBeLessThan(2000)
  })

  test('every two seconds once it is owed', () => {
    expect(claim_ms(placed({ reason: 'owed', again_ms: 2000 }), room(), true, POLL_MS, 0.999)).toBeLessThanOrEqual(2000)
  })

  test('once at the start, the more who were here before the more spread out, and always while a call holds', () => {
    const early = placed({ number: null, reason: 'before_start' })
    expect(claim_ms(early, room({ drawn: false }), false, POLL_MS)).toBeNull()
    expect(claim_ms(early, room({ entries: 10 }), true, POLL_MS, 0.999)).toBeLessThan(10)
    expect(claim_ms(early, room({ entries: 50_000 }), true, POLL_MS, 0.5)).toBe(5000)
    expect(claim_ms(early, room({ entries: 8_000_000 }), true, POLL_MS, 0.999)).toBeLessThan(60_000)
    expect(claim_ms(placed({ reason: 'before_start' }), room({ entries: 10 }), true, POLL_MS)).not.toBeNull()
  })

  test('for its number once it is drawn, though the host is late', () => {
    const early = placed({ number: null, reason: 'before_start' })
    expect(claim_ms(early, room(), false, POLL_MS)).not.toBeNull()
    expect(claim_ms(placed({ reason: 'before_start' }), room(), false, POLL_MS)).toBeNull()
  })
})

test('whoever is here long before the start enters when the room opens, not all at once', () => {
  expect(enter_ms(null, 3_600_000)).toBeNull()
  expect(enter_ms(room(), 3_600_000, 0.9)).toBeLessThan(2000)
  expect(enter_ms(null, 890_000, 0.9)).toBeGreaterThan(20_000)
  expect(enter_ms(null, -5000, 0.9)).toBeLessThan(2000)
})

test('a position is one for who is next, and none before the draw or after the call', () => {
  expect(positionOf(placed(), room())).toBe(3)
  expect(positionOf(placed({ number: 10 }), room())).toBe(1)
  expect(positionOf(placed({ number: null }), room())).toBeNull()
  expect(positionOf(placed({ number: 9 }), room())).toBeNull()
})

test('without news of the room a number says nothing of how many are before', () => {
  expect(positionOf(placed({ number: 4711 }), null)).toBeNull()
  expect(standingOf(placed({ number: 4711 }), null, true)).toBe('drawing')
  expect(standingOf(placed({ number: 4711, called: true }), null, true)).toBe('called')
  expect(standingOf(placed({ number: 4711, reason: 'owed' }), null, true)).toBe('next')
})

test.each([
  [{ number: null }, false, 'here'],
  [{ number: 4 }, false, 'drawn'],
  [{ number: null }, true, 'drawing'],
  [{ number: 12 }, true, 'in_line'],
  [{ number: 9 }, true, 'called'],
  [{ number: 9, reason: 'owed' }, true, 'next'],
] as const)('%j, live: %j is %s', (place, live, standing) => {
  expect(standingOf(placed(place), room(), live)).toBe(standing)
})

test('reserved places are told with or without how many are taken', () => {
  expect(reservedOf(room({ reserved: 7 }))).toEqual({ places: 7, inside: null })
  expect(reservedOf(room({ reserved: { places: 7, inside: 2 } }))).toEqual({ places: 7, inside: 2 })
})

test('who waits sees the line, not who only looks, and nobody after the end', () => {
  expect(sceneOf('live', 'starting', true)).toBe('waiting')
  expect(sceneOf('scheduled', 'armed', true)).toBe('waiting')
  expect(sceneOf('live', 'off', true)).toBe('invite')
  expect(sceneOf('ended', 'starting', true)).toBe('ended')
})


test('all fit while no more wait than there are free places', () => {
  expect(allFit(room({ waiting: 1200, empty: 30_000 }))).toBe(true)
  expect(allFit(room({ waiting: 5, empty: 5 }))).toBe(true)
  expect(allFit(room({ waiting: 6, empty: 5 }))).toBe(false)
  expect(allFit(room({ waiting: 0, empty: 0 }))).toBe(false)
  expect(allFit(room())).toBe(false)
})
