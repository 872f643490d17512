/** When a place is brought to the door, and what is said of the time it takes. */

import { describe, expect, test } from 'vitest'
import { Estimate, rounded } from '../src/door/estimate'
import { claim_ms, enter_ms, positionOf, reservedOf, standingOf, type Placed, type Room } from '../src/door/standing'
import { sceneOf } from '../src/event/scene'

const room = (more: Partial<Room> = {}): Room => ({
  open: true, drawn: true, commitment: '', root: '', seed: '', entries: 0, serving: [10, 0, 0], per_s: [1, 0, 0], waiting: 5,
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

describe('an estimate', () => {
  test('is rounded up as people say it', () => {
    expect([59, 60, 61, 600, 601, 3600, 3601, 7201].map(rounded)).toEqual([0, 1, 2, 10, 15, 60, 90, 150])
  })

  test('comes from the door first, then from how fast the line moved', () => {
    const estimate = new Estimate()
    expect(estimate.learn(600, 0, 1, '', 0)).toEqual({ minutes: 10, why: '' })
    expect(estimate.learn(480, 120, 1, '', 60)).toEqual({ minutes: 4, why: '' })
  })

  test('is not given where nobody was called', () => {
    expect(new Estimate().learn(5, 0, 0, '', 0)).toEqual({ minutes: null, why: '' })
  })

  test('never grows without a reason: small swings are passed over, others are explained', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, 1, '', 0)
    expect(estimate.learn(300, 0, 0.9, '', 5)).toEqual({ minutes: 5, why: '' })
    expect(estimate.learn(300, 0, 0.2, '', 10)).toEqual({ minutes: 25, why: 'slower' })
    expect(estimate.learn(299, 1, 0.2, '', 12).why).toBe('slower')
  })

  test('grows with the reason that the door gives, until it is as short as before', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, 1, '', 0)
    expect(estimate.learn(300, 0, 0.5, 'limit_lowered', 5)).toEqual({ minutes: 10, why: 'limit_lowered' })
    expect(estimate.learn(200, 100, 1, '', 105)).toEqual({ minutes: 4, why: '' })
  })

  test('of a page that slept counts what was called meanwhile', () => {
    const estimate = new Estimate()
    estimate.learn(2000, 0, 0, '', 0)
    expect(estimate.learn(1000, 1000, 0, '', 1000).minutes).toBe(20)
  })

  test('holds over any course: shown minutes grow only with a reason', () => {
    let dice = 7
    const random = () => (dice = (dice * 16807) % 2147483647) / 2147483647
    for (let evening = 0; evening < 200; evening += 1) {
      const estimate = new Estimate()
      let serving = 0
      let before = Infinity
      for (let now_s = 0; serving < 500 && now_s < 3000; now_s += 1 + 10 * random()) {
        serving += Math.floor(5 * random())
        const { minutes, why } = estimate.learn(Math.max(1, 500 - serving), serving, 3 * random(), '', now_s)
        if ((minutes ?? Infinity) > before) expect(why).not.toBe('')
        before = minutes ?? Infinity
      }
    }
  })
})
