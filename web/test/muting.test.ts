/** Who mutes themselves, or is muted by a call, stays so here however backstage is reached; and it hears of it in the end. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Muting } from '../src/backstage/studio/muting.svelte'

let stage: { muted: boolean; kept: boolean; held: boolean }
let told: boolean[]
let reached: boolean
let muting: Muting

beforeEach(() => {
  vi.useFakeTimers()
  stage = { muted: false, kept: false, held: false }
  told = []
  reached = true
  muting = new Muting(() => stage, async (muted) => {
    if (!reached) throw new Error('no network')
    told.push(muted)
  })
})

afterEach(() => {
  muting.stop()
  vi.useRealTimers()
})

it('a mute that backstage does not hear of holds, and is told again until it has', async () => {
  reached = false
  await muting.want(true)
  muting.settle()
  expect([muting.muted, muting.problem]).toEqual([true, 'no network'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect([muting.muted, told]).toEqual([true, []])
  reached = true
  await vi.advanceTimersByTimeAsync(12_000)
  expect([muting.muted, muting.problem, told]).toEqual([true, '', [true]])
  stage = { muted: true, kept: true, held: false }
  muting.settle()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([muting.muted, told]).toEqual([true, [true]])
})

it('so it does while a host mutes one too and lets one be heard again', async () => {
  stage = { muted: true, kept: true, held: true }
  reached = false
  await muting.want(true)
  muting.settle()
  stage = { muted: false, kept: false, held: false }
  muting.settle()
  expect(muting.muted).toBe(true)
})

it('who would be heard and is not understood stays muted', async () => {
  stage = { muted: true, kept: true, held: false }
  reached = false
  await muting.want(false)
  expect([muting.muted, muting.problem]).toEqual([true, 'no network'])
  reached = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([])
})

it('who is heard again meanwhile is not muted later', async () => {
  reached = false
  await muting.want(true)
  reached = true
  await muting.want(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([muting.muted, told]).toEqual([false, [false]])
})

it('a page that is left tells no more', async () => {
  reached = false
  await muting.want(true)
  muting.stop()
  reached = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([])
})

it('who presses again and again is understood in order, and of what came meanwhile the last', async () => {
  const answers: (() => void)[] = []
  muting = new Muting(() => stage, (muted) => {
    told.push(muted)
    return new Promise<void>((resolve) => answers.push(resolve))
  })
  for (const muted of [true, false, true, false]) {
    void muting.want(muted)
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(told).toEqual([true])
  answers[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect([told, muting.muted]).toEqual([[true, false], false])
})

it('a wish holds until the stage has it, and not against what was done since', async () => {
  await muting.want(true)
  stage.kept = true
  muting.settle()
  expect(muting.muted).toBe(true)
  stage.kept = false
  muting.settle()
  expect(muting.muted).toBe(false)
})

it('what the stage had before is no answer to a wish that is still being told', async () => {
  let answer = () => {}
  muting = new Muting(() => stage, () => new Promise<void>((resolve) => (answer = resolve)))
  void muting.want(true)
  await vi.advanceTimersByTimeAsync(0)
  void muting.want(false)
  muting.settle()
  stage = { muted: true, kept: true, held: false }
  muting.settle()
  expect(muting.muted).toBe(false)
  answer()
})
