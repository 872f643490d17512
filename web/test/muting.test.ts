/** Who mutes themselves, or is muted by a call, stays so here however backstage is reached; and it hears of it in the end. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Muting } from '../src/backstage/studio/muting.svelte'

let stage: { muted: boolean; held: boolean }
let told: boolean[]
let reached: boolean
let muting: Muting

beforeEach(() => {
  vi.useFakeTimers()
  stage = { muted: false, held: false }
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
  stage.muted = true
  muting.settle()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([muting.muted, told]).toEqual([true, [true]])
})

it('so it does while a host mutes one too and lets one be heard again', async () => {
  stage = { muted: true, held: true }
  reached = false
  await muting.want(true)
  muting.settle()
  stage = { muted: false, held: false }
  muting.settle()
  expect(muting.muted).toBe(true)
})

it('who would be heard and is not understood stays muted', async () => {
  stage.muted = true
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
