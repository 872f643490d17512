import { expect, test } from 'vitest'
import { backoff_s } from '../src/player/backoff'
import { ProgrammeClock } from '../src/player/clock'
import { Timeline } from '../src/player/timeline'
import { rowsLit } from '../src/event/room'

test('an event holds from the moment it is heard, not from when it arrives', () => {
  const timeline = new Timeline()
  timeline.add([{ v: 1, at: 48_000 }, { v: 1, at: 96_000 }])
  expect(timeline.due(0.9)).toEqual([])
  expect(timeline.due(1)).toEqual([{ v: 1, at: 48_000 }])
  expect(timeline.due(60)).toEqual([{ v: 1, at: 96_000 }])
  expect(timeline.due(60)).toEqual([])
})

test('who joins again hears of nothing twice, misses nothing in hand, and is told once more what lasts', () => {
  const applause = (at: number) => ({ v: 1, at, speaking: [`p${at}`], reactions: { clap: at }, captions: [{ id: `${at}`, at, samples: 1, text: '', lang: 'en' }] })
  const timeline = new Timeline()
  timeline.add([1, 2, 3, 4, 5].map((second) => applause(second * 48_000)))
  timeline.due(3.5)
  timeline.clear(2 * 48_000)
  timeline.add([2, 3, 4, 5].map((second) => applause(second * 48_000)))
  const due = timeline.due(4)
  expect(due.map(({ speaking }) => speaking?.[0])).toEqual(['p96000', 'p144000', 'p192000'])
  expect(due.map(({ reactions }) => reactions?.['clap'])).toEqual([undefined, undefined, 192_000])
  expect(due.map(({ captions }) => captions?.length)).toEqual([undefined, undefined, 1])
})

test('what is in hand before the segment that comes again still has its moment', () => {
  const timeline = new Timeline()
  timeline.add([{ v: 1, at: 48_000 }, { v: 1, at: 96_000 }, { v: 1, at: 144_000 }])
  timeline.clear(96_000)
  expect(timeline.due(60)).toEqual([{ v: 1, at: 48_000 }])
  timeline.add([{ v: 1, at: 192_000 }])
  timeline.clear(0)
  expect(timeline.due(60)).toEqual([])
})

test('a listener whose machine has the wrong time still learns how far behind they are', () => {
  const clock = new ProgrammeClock(1_000_000)
  clock.arrived(10, 100)
  clock.arrived(10.32, 100.5) // this one was late
  const wrong_utc_s = 1_000_000 + 7200
  expect(clock.behind_s(9.5, 100, wrong_utc_s)).toBeCloseTo(0.5, 3)
  const right_utc_s = 1_000_000 + 10.05
  expect(clock.behind_s(9.5, 100, right_utc_s)).toBeCloseTo(0.55, 3)
})

test('tries come ever more rarely, and a crowd does not try as one', () => {
  expect(backoff_s(0, 0.5)).toBeLessThan(0.5)
  expect(backoff_s(20, 0.999)).toBeLessThan(17)
  expect(backoff_s(4, 0)).toBeLessThan(backoff_s(4, 0.999) * 0.5)
})

test('seats fill with the crowd and never overflow', () => {
  expect(rowsLit(0, 7)).toBe(0)
  expect(rowsLit(1, 7)).toBe(1)
  expect(rowsLit(412, 7)).toBeGreaterThan(rowsLit(40, 7))
  expect(rowsLit(1_100_000, 7)).toBe(7)
})
