import { expect, test } from 'vitest'
import { FASTEST } from '../src/player/rates'
import { CHUNK_S, LatencyTarget, OVER_WITHIN_S } from '../src/player/target'

test('ordinary lateness changes nothing, more of it counts three times', () => {
  const target = new LatencyTarget()
  const floor_s = target.target_s
  target.arrived(0.12, 0)
  expect(target.target_s).toBe(floor_s)
  target.arrived(0.25, 1)
  expect(target.target_s).toBeCloseTo(floor_s + 0.6, 2)
})

test('while writes still come oftener than announced, what is known of the network is kept', () => {
  const target = new LatencyTarget()
  target.arrived(0.3, 0)
  target.announced(3.84, 1)
  const grown_s = target.target_s
  for (let now_s = 2; now_s < 80; now_s += CHUNK_S) target.arrived(CHUNK_S - 3.84, now_s)
  expect(target.target_s).toBeCloseTo(grown_s, 1)
})

test('each stall makes the target grow, calm makes it shrink again, slowly', () => {
  const target = new LatencyTarget()
  const floor_s = target.target_s
  target.stalled(0)
  target.stalled(1)
  expect(target.target_s).toBeCloseTo(floor_s + 0.5, 1)
  target.arrived(0, 11)
  expect(target.target_s).toBeGreaterThan(floor_s + 0.4)
  target.arrived(0, 200)
  expect(target.target_s).toBeCloseTo(floor_s, 2)
})

test('stalls without end leave the target four seconds above the cadence', () => {
  const target = new LatencyTarget()
  for (let i = 0; i < 100; i += 1) target.stalled(i)
  expect(target.target_s).toBe(CHUNK_S + 4)
})

test('an outage is not taken for jitter', () => {
  const target = new LatencyTarget()
  target.arrived(30, 0)
  expect(target.target_s).toBeLessThan(2.6)
})

test('a longer cadence holds at once, a shorter one when the longer writes are over', () => {
  const target = new LatencyTarget()
  target.announced(1.28, 10)
  expect(target.cadence_s).toBe(1.28)
  target.announced(0.32, 20)
  target.announced(0.32, 24) // the next snapshot says it again
  target.arrived(0, 20 + OVER_WITHIN_S - 0.1)
  expect(target.cadence_s).toBe(1.28)
  target.arrived(0, 20 + OVER_WITHIN_S)
  expect(target.cadence_s).toBe(0.32)
})

test('the distance kept for a longer cadence shrinks no faster than a player catches up, and the slack stays', () => {
  const target = new LatencyTarget()
  const floor_s = target.target_s
  target.announced(3.84, 0)
  target.announced(0.32, 1)
  let before_s = target.target_s
  for (let now_s = 1; now_s < 180; now_s += CHUNK_S) {
    target.arrived(0, now_s)
    expect(before_s - target.target_s).toBeLessThanOrEqual(CHUNK_S * (FASTEST - 1))
    before_s = target.target_s
  }
  expect([target.cadence_s, target.target_s]).toEqual([0.32, floor_s])
})

test('what is not in hand anyway is kept no longer, but never less than the cadence asks for', () => {
  const target = new LatencyTarget()
  target.announced(3.84, 0)
  target.forgo(1)
  expect(target.target_s).toBeCloseTo(3.84 + 0.32)
  target.announced(0.32, 1)
  target.arrived(0, 1)
  target.arrived(0, 1 + OVER_WITHIN_S)
  const kept_s = target.target_s
  target.forgo(-1)
  target.forgo(0.5)
  expect(target.target_s).toBeCloseTo(kept_s - 0.5)
  target.forgo(Infinity)
  expect(target.target_s).toBeCloseTo(CHUNK_S + 0.32)
})

test('what is no cadence is passed over', () => {
  const target = new LatencyTarget()
  for (const cadence_s of [0, -1, NaN, Infinity, 0.1]) target.announced(cadence_s, 0)
  expect(target.cadence_s).toBe(CHUNK_S)
})
