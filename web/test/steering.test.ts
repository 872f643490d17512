import { expect, test } from 'vitest'
import { CHUNK_S, Steering } from '../src/player/steering'

function settle(steering: Steering, low_s: number, chunks = 6): void {
  for (let i = 0; i < chunks; i += 1) steering.arrived(low_s, i * CHUNK_S)
}

test('a listener where they should be is left alone', () => {
  const steering = new Steering()
  settle(steering, steering.margin_s + 0.05)
  expect(steering.rate).toBe(1)
  expect(steering.tooFar).toBe(false)
})

test('one who lags plays a little faster, one who is close to running dry a little slower', () => {
  const late = new Steering()
  settle(late, 0.6)
  expect(late.rate).toBeGreaterThan(1)
  expect(late.rate).toBeLessThanOrEqual(1.05)
  const early = new Steering()
  settle(early, 0.05)
  expect(early.rate).toBeLessThan(1)
  expect(early.rate).toBeGreaterThanOrEqual(0.97)
})

test('one late chunk among prompt ones decides: the low water counts', () => {
  const steering = new Steering()
  settle(steering, 0.9, 5)
  steering.arrived(0.25, 2)
  expect(steering.rate).toBe(1)
})

test('far behind, only a jump helps', () => {
  const steering = new Steering()
  settle(steering, 5)
  expect(steering.tooFar).toBe(true)
})

test('a stall makes the margin grow, long calm makes it shrink again', () => {
  const steering = new Steering()
  const calm_s = steering.margin_s
  steering.stalled(10)
  const grown_s = steering.margin_s
  expect(grown_s).toBeGreaterThan(calm_s)
  for (let i = 0; i < 2000; i += 1) steering.arrived(0.5, 10 + i * CHUNK_S)
  expect(steering.margin_s).toBe(calm_s)
  for (let i = 0; i < 50; i += 1) steering.stalled(i)
  expect(steering.margin_s).toBeLessThanOrEqual(3)
})

test('steering in a closed loop settles within half a minute and stays without a stall', () => {
  const steering = new Steering()
  let ahead_s = 1.5
  for (let i = 0; i < 110; i += 1) {
    steering.arrived(ahead_s, i * CHUNK_S)
    ahead_s += CHUNK_S - CHUNK_S * steering.rate
    expect(ahead_s).toBeGreaterThan(0)
  }
  expect(Math.abs(ahead_s - steering.margin_s)).toBeLessThan(0.25)
})

test('before chunks come four at once, a listener falls back for what will go by between them', () => {
  const steering = new Steering()
  steering.cadence = 4
  settle(steering, steering.margin_s, 8)
  expect(steering.rate).toBeLessThan(1)
  expect(steering.start_s).toBeCloseTo(new Steering().start_s + 3 * CHUNK_S)
  const burst = new Steering()
  burst.cadence = 4
  for (let i = 0; i < 8; i += 1) burst.arrived(burst.margin_s + (i % 4) * CHUNK_S, i)
  expect(burst.rate).toBe(1)
})
