/** What is said of the time it takes: honest while the room fills, and never longer without a reason. */

import { describe, expect, test } from 'vitest'
import { Estimate, rounded, type Told } from '../src/door/estimate'
import type { Room } from '../src/door/standing'

const room = (served: number, per_s: number, more: Partial<Room> = {}): Room => ({
  open: true, drawn: true, commitment: '', root: '', seed: '', entries: 0, serving: [served, 0, 0], per_s: [per_s, 0, 0], near: [0, 0, 0], filling: false, empty: 0,
  waiting: 5, places: 20, reserved: 0, rung: 'ground', closed: false, reason: '', ...more,
})

describe('an estimate', () => {
  test('is rounded up as people say it', () => {
    expect([59, 60, 61, 600, 601, 3600, 3601, 7201].map(rounded)).toEqual([0, 1, 2, 10, 15, 60, 90, 150])
  })

  test('comes from the door first, then from how fast the line moved', () => {
    const estimate = new Estimate()
    expect(estimate.learn(600, 0, room(0, 1), 0)).toEqual({ minutes: 10, why: '' })
    expect(estimate.learn(480, 0, room(120, 1), 60)).toEqual({ minutes: 4, why: '' })
  })

  test('is that of the line that one stands in', () => {
    const slow = room(0, 1, { serving: [0, 7, 0], per_s: [1, 0.1, 0] })
    expect(new Estimate().learn(600, 1, slow, 0).minutes).toBe(120)
  })

  test('is not given where nobody was called', () => {
    expect(new Estimate().learn(5, 0, room(0, 0), 0)).toEqual({ minutes: null, why: '' })
  })

  test('never grows without a reason: small swings are passed over, others are explained', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, room(0, 1), 0)
    expect(estimate.learn(300, 0, room(0, 0.9), 5)).toEqual({ minutes: 5, why: '' })
    expect(estimate.learn(300, 0, room(0, 0.2), 10)).toEqual({ minutes: 25, why: 'slower' })
    expect(estimate.learn(299, 0, room(1, 0.2), 12).why).toBe('slower')
  })

  test('grows with the reason that the door gives, until it is as short as before', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, room(0, 1), 0)
    expect(estimate.learn(300, 0, room(0, 0.5, { reason: 'limit_lowered' }), 5)).toEqual({ minutes: 10, why: 'limit_lowered' })
    expect(estimate.learn(200, 0, room(100, 1), 105)).toEqual({ minutes: 4, why: '' })
  })

  test('says that fewer leave only where as many may listen as before', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, room(0, 1), 0)
    expect(estimate.learn(290, 0, room(10, 1, { places: 10 }), 10)).toEqual({ minutes: 5, why: '' })
    expect(estimate.learn(289, 0, room(11, 0.2, { places: 10 }), 15)).toEqual({ minutes: 25, why: 'limit_lowered' })
    const anew = new Estimate(JSON.parse(JSON.stringify(estimate.said)))
    expect(anew.learn(289, 0, room(11, 0.01, { places: 10 }), 260).why).toBe('limit_lowered')
    const same = new Estimate()
    same.learn(300, 0, room(0, 1, { places: 20 }), 0)
    expect(same.learn(300, 0, room(0, 0.1, { places: 20 }), 200).why).toBe('slower')
  })

  test('grows while empty places are filled more slowly than was promised', () => {
    const estimate = new Estimate()
    estimate.learn(300, 0, room(0, 1), 0)
    const late = room(5, 0.1, { filling: true, reason: 'late_audio' })
    expect(estimate.learn(295, 0, late, 60)).toEqual({ minutes: 50, why: 'late_audio' })
  })

  test('is given while empty places are filled to whoever gets one of them, and to nobody behind', () => {
    const filling = room(1000, 50, { filling: true, empty: 19000 })
    expect(new Estimate().learn(13000, 0, filling, 20)).toEqual({ minutes: 5, why: '' })
    expect(new Estimate().learn(19001, 0, filling, 20)).toEqual({ minutes: null, why: '' })
  })

  test('of a page that slept counts what was called meanwhile', () => {
    const estimate = new Estimate()
    estimate.learn(2000, 0, room(0, 0), 0)
    expect(estimate.learn(1000, 0, room(1000, 0), 1000).minutes).toBe(20)
  })

  test('goes on where it was when the page is loaded anew, and gives a reason where it is longer', () => {
    const before = new Estimate()
    before.learn(600, 0, room(0, 1), 0)
    expect(before.learn(540, 0, room(60, 1), 60).minutes).toBe(9)
    const kept = JSON.stringify(before.said)
    const anew = () => new Estimate(JSON.parse(kept))
    expect(anew().learn(535, 0, room(65, 0), 65)).toEqual({ minutes: 9, why: '' })
    expect(anew().learn(535, 0, room(65, 90, { filling: true }), 65)).toEqual({ minutes: 9, why: '' })
    expect(anew().learn(535, 0, room(65, 0), 600)).toEqual({ minutes: 90, why: 'slower' })
  })

  test('of another place, further back, is no longer one of the first', () => {
    const estimate = new Estimate()
    estimate.learn(60, 0, room(0, 1), 0)
    expect(estimate.learn(6000, 0, room(50, 1), 50)).toEqual({ minutes: 120, why: '' })
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
        const filling = random() < 0.1
        const { minutes, why } = estimate.learn(Math.max(1, 500 - serving), 0, room(serving, 3 * random(), { filling }), now_s)
        if ((minutes ?? Infinity) > before) expect(why).not.toBe('')
        before = minutes ?? Infinity
      }
    }
  })
})

/**
 * A room of 5,000 whose people stay a quarter of an hour, before which 31,000 wait, as the door tells of it every tenth of
 * a second: a third of those called do not come, and from `opens_s` on there are 1,000 places more.
 */
function evening(opens_s = Infinity): Room[] {
  const told: Room[] = []
  const calls: number[] = []
  let [inside, served, empty] = [0, 0, -600]
  for (let tick = 0; served < 31_000; tick += 1) {
    const places = tick < opens_s * 10 ? 5000 : 6000
    inside += 0.65 * (calls[tick - 40] ?? 0) - inside / 9000
    const expected = calls.slice(-39).reduce((sum, each) => sum + each, 0) + 0.35 * calls.slice(-79, -39).reduce((sum, each) => sum + each, 0)
    const free = Math.max(0, places - inside - expected)
    if (free > 1 + places / 100) empty = tick
    calls.push(Math.min(free, 100))
    served += calls[tick]!
    told.push(room(Math.floor(served), calls.slice(-100).reduce((sum, each) => sum + each, 0) / 10, { places, filling: tick - empty < 600 }))
  }
  return told
}

describe.each([
  ['after the start', evening(), 0],
  ['where places open later', evening(900), 0],
  ['of who comes while places open', evening(900), 905],
])('what the last but a few is told %s', (_, told, from_s) => {
  const number = 30_000
  const called = told.findIndex(({ serving }) => serving[0] > number)
  const estimate = new Estimate()
  const said: [left_s: number, told: Told][] = []
  for (let tick = 10 * from_s; tick < called; tick += 50) {
    const now = told[tick]!
    said.push([(called - tick) / 10, estimate.learn(number - now.serving[0] + 1, 0, now, tick / 10)])
  }

  test('is true to within half, or that nobody can say yet', () => {
    for (const [left_s, { minutes }] of said) {
      if (minutes === null) continue
      expect(minutes).toBeGreaterThan((0.66 * left_s) / 60 - 1)
      expect(minutes).toBeLessThan((1.5 * left_s) / 60 + 5)
    }
  })

  test('is a time once a minute has passed since the last of these places was filled', () => {
    expect(said.slice(15).every(([, { minutes }]) => minutes !== null)).toBe(true)
  })

  test('never becomes longer', () => {
    expect(said.every(([, { why }]) => why === '')).toBe(true)
  })
})
