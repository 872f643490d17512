/** A page whose space has moved brings along what its visitor has: their seat, heard until they are let in, or their place in line. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.mock('../src/words/words', () => ({ speak: async () => {}, t: (key: string) => key }))
vi.mock('../src/event/dom', () => ({ byId: () => ({ before() {}, hidden: isOver }), make: (_: string, __: object, sentence: string) => told.push(sentence), say() {} }))

const boot = (space: string, state: string) => ({ body: { dataset: {} }, getElementById: (id: string) => (id === 'boot' ? { textContent: JSON.stringify({ space, state }) } : null) })
const there = () => ({ ...boot('new', state), title: '' })
const kept = (space: string) => JSON.parse(local[`rostra.place.${space}`] ?? 'null') as unknown

let state: string
let isOver = false
let told: string[]
let local: Record<string, string>
let tab: Record<string, string>
let asked: object[]
let answers: object[]
const turnOver = vi.fn()
const replaceState = vi.fn()
const audio = { muted: false } as HTMLAudioElement

const store = (of: Record<string, string>) => ({
  getItem: (key: string) => of[key] ?? null,
  setItem: (key: string, value: string) => (of[key] = value),
  removeItem: (key: string) => delete of[key],
})
const come = { admitted: true, ticket: 'b', base: '/b/', run: 'r' }
const inLine = (place: string) => ({ admitted: false, place, again_ms: 2000 })

async function goAlong(traveller: { isListening: boolean; ticket: string }): Promise<void> {
  const { goAlong: go } = await import('../src/event/onward')
  await go('/s/new', { announce() {}, turnOver, audio, ...traveller })
  await vi.advanceTimersByTimeAsync(3000)
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  state = 'live'
  local = {}
  tab = {}
  asked = []
  told = []
  isOver = false
  answers = [come]
  vi.stubGlobal('window', { localStorage: store(local), sessionStorage: store(tab) })
  vi.stubGlobal('document', boot('old', 'live'))
  vi.stubGlobal('history', { replaceState })
  vi.stubGlobal('DOMParser', class { parseFromString = there })
  vi.stubGlobal('fetch', async (url: string, { body }: { body?: string }) => {
    if (url.endsWith('/join')) asked.push(JSON.parse(body ?? '') as object)
    const told = url.endsWith('/join') ? answers[Math.min(asked.length, answers.length) - 1] : { state, poll_ms: 2000 }
    return { ok: true, text: async () => '', json: async () => told }
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('whoever listens comes in with their ticket, before the page turns', async () => {
  tab['rostra.ticket.old'] = '{}'
  await goAlong({ isListening: true, ticket: 'a' })
  expect(asked).toEqual([{ moved: 'a', place: '' }])
  expect(tab).toEqual({ 'rostra.ticket.new': JSON.stringify(come) })
  expect(turnOver).toHaveBeenCalledOnce()
})

test('what was silent for who is on the stage here, in another tab, sounds there', async () => {
  audio.muted = true
  await goAlong({ isListening: true, ticket: 'a' })
  expect([turnOver.mock.calls.length, audio.muted]).toEqual([1, false])
})

test('whoever finds no room there hears on here, and stands in line with the place that they got', async () => {
  answers = [inLine('p'), inLine('p'), come]
  await goAlong({ isListening: true, ticket: 'a' })
  expect(turnOver).not.toHaveBeenCalled()
  expect(kept('new')).toEqual({ place: 'p', nonce: '', waits: true })
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toEqual([{ moved: 'a', place: '' }, { moved: 'a', place: 'p' }, { moved: 'a', place: 'p' }])
  expect(turnOver).toHaveBeenCalledOnce()
  expect(kept('new')).toBeNull()
})

test('whoever hears nothing any more waits there, but not before the door knows who was inside', async () => {
  answers = [inLine(''), inLine('p')]
  await goAlong({ isListening: false, ticket: 'a' })
  expect(asked.length).toBe(2)
  expect(turnOver).toHaveBeenCalledOnce()
  expect(kept('new')).toMatchObject({ place: 'p', waits: true })
})

test('whoever waits brings their place, and nothing of its draw', async () => {
  local['rostra.place.old'] = JSON.stringify({ place: 'p', nonce: 'n', id: 'i', commitment: 'c', waits: true })
  await goAlong({ isListening: true, ticket: '' })
  expect(asked).toEqual([])
  expect(kept('new')).toEqual({ place: 'p', nonce: '', waits: true })
  expect(turnOver).toHaveBeenCalledOnce()
})

test.each(['{"place":"p","waits":false}', 'nonsense'])('what is kept and stands in no line stays behind: %s', async (text) => {
  local['rostra.place.old'] = text
  await goAlong({ isListening: false, ticket: '' })
  expect(kept('new')).toBeNull()
  expect(turnOver).toHaveBeenCalledOnce()
})

test('before there is something to hear there, whoever listens stays', async () => {
  state = 'lobby'
  await goAlong({ isListening: true, ticket: 'a' })
  expect([asked.length, turnOver.mock.calls.length]).toEqual([0, 0])
})

test('whoever has asked to speak stays until they are answered, also where the page is loaded anew', async () => {
  document.body.dataset['asks'] = ''
  await goAlong({ isListening: true, ticket: 'a' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(turnOver).not.toHaveBeenCalled()
  expect(new Set(told)).toEqual(new Set(['event.moved_asked', 'event.moved_go']))
  expect(replaceState).toHaveBeenCalledWith(null, '', '?stay')
  delete document.body.dataset['asks']
  await vi.advanceTimersByTimeAsync(5000)
  expect(turnOver).toHaveBeenCalledOnce()
})

test('once it is over nobody is there to answer them', async () => {
  document.body.dataset['asks'] = ''
  isOver = true
  await goAlong({ isListening: false, ticket: '' })
  expect(turnOver).toHaveBeenCalledOnce()
})
