/** The event page itself, whose session and door are played here: what it asks the door, and what it lets go of. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import en from '../../src/rostra/words/en.json' with { type: 'json' }
import type { LineHooks } from '../src/event/line'
import type { Listener } from '../src/event/floor'
import type { Listening, ListeningHooks } from '../src/event/listening'
import type { Traveller } from '../src/event/onward'
import type { Boot, Status } from '../src/event/status'
import type { Way } from '../src/speaking/main'
import { Element, openPage } from './page'

vi.mock('../src/words/times', () => ({ viewersText: () => '', shortText: () => '' }))
vi.mock('../src/words/times?rescheduled', () => ({ momentText: String, zoneText: () => '', bothTexts: (_: unknown, one: number) => [`at ${one}`] }))
vi.mock('../src/event/happenings', () => ({ Happenings: class { status() {} event() {} } }))

const part = vi.hoisted(() => ({
  isThere: true,
  load: <T>(what: T) => (part.isThere ? Promise.resolve(what) : Promise.reject<T>(new TypeError('Failed to fetch'))),
}))
const line = vi.hoisted(() => ({ shown: null, learn() {}, enter: vi.fn(), leave() {} }))
vi.mock('../src/event/here-view', () => ({ openLine: () => part.load(line), faceOf: () => ({ nodes: [], update() {} }) }))
const stage = vi.hoisted(() => ({ way: null as Way | null }))
vi.mock('svelte', async (actual) => ({ ...(await actual<object>()), mount: (_: unknown, { props }: { props: Way }) => (stage.way = props), unmount: () => {} }))
vi.mock('../src/speaking/Speaking.svelte', () => ({ default: {} }))
vi.mock('../src/backstage/words.svelte', () => ({ speak: async () => {}, say: (key: string) => key }))
vi.mock('../src/event/replay', () => ({ openReplay: () => part.load({ nodes: [], update() {} }) }))

class Session {
  state: Listening = { kind: 'off' }
  player = null
  ticket = null
  received = { bytes: 0, seconds: 0 }
  stops = 0
  constructor(readonly hooks: ListeningHooks, readonly audio = Object.assign(new Element('audio'), { paused: true, muted: false, volume: 1 })) {
    session = this
  }
  handOver() {
    return this.audio
  }
  prepare() {}
  async finish() {}
  arm() {
    this.becomes({ kind: 'armed' })
  }
  listen() {
    this.becomes({ kind: 'starting' })
  }
  stop() {
    this.stops += 1
    this.becomes({ kind: 'off' })
  }
  becomes(state: Listening) {
    this.state = state
    this.hooks.changed(state)
  }
}
vi.mock('../src/event/listening', () => ({
  ListeningSession: function (hooks: ListeningHooks, audio?: Session['audio']) {
    return new Session(hooks, audio)
  },
}))

const SPACE: Boot = {
  space: 's', state: 'live', title: 'On the air', host: 'Ada', host_verified: false, recording_policy: 'publish', starts_at: 0, starts_before: null,
  live_at: 0, ended_at: null, run: 'r', listeners: 0, estimated: false, speakers: [], replay: null, notices: [], locked: false, locked_reason: '',
  moved: null, anchor_utc_ns: 0, pinned: null, hold: false, reactions: [], now: 0, room: null, poll_ms: 1000, time_zone: 'UTC',
  urls: { event: '', card: '', m3u: '', ics: '', backstage: '', report: '', remind: '' },
}
const AHEAD: Partial<Boot> = { state: 'scheduled', starts_at: 3_600_000 }
const RECORDED: Partial<Boot> = { state: 'published', replay: { mp4: 'a.mp4', hls: 'a.m3u8', dash: 'a.mpd', seconds: 60 } }
const OLD_MS = 31_000
const reload = vi.fn()

let session: Session
let page: Record<string, Element>
let tab: Record<string, string>
/** What the door says; null while it is not reached. */
let door: Status | null
let asked: number
let dialog: Element | null

async function open(boot: Partial<Boot> = {}): Promise<void> {
  door = { ...SPACE, ...boot }
  page['boot'] = Object.assign(new Element('script'), { textContent: JSON.stringify(door) })
  await import('../src/event/main')
  await vi.waitFor(() => expect(window.rostra).toBeDefined(), 5000)
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const found = (where: string, what: string) => page[where]!.all.find((each) => each.attributes.get('data-testid') === what)!
const press = () => found('action', 'listen').dispatchEvent(new Event('click'))

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  vi.resetModules()
  openPage()
  page = {}
  tab = {}
  asked = 0
  dialog = null
  part.isThere = true
  Object.assign(document, {
    cookie: '',
    getElementById: (id: string) => (id === 'elsewhere' ? null : (page[id] ??= new Element(id))),
    querySelector: () => dialog,
    querySelectorAll: () => [],
  })
  vi.stubGlobal('location', { pathname: '/s/s', search: '', hash: '', reload })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('sessionStorage', { getItem: (key: string) => tab[key] ?? null, setItem: (key: string, value: string) => (tab[key] = value) })
  vi.stubGlobal('rostra', undefined)
  vi.stubGlobal('fetch', async () => {
    asked += 1
    if (!door) throw new TypeError('Failed to fetch')
    return Response.json(door)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('whoever hears nothing is told why, by the door; once there is sound it is asked no more', async () => {
  await open()
  press()
  asked = 0
  await pass(10_000)
  expect(asked).toBe(0)
  door = { ...SPACE, reason: 'off_air_disk_full' }
  session.becomes({ kind: 'reaching', retry_at_ms: 0 })
  await pass(2000)
  expect(page['action']!.shown).toContain(en['why.off_air_disk_full'])
  session.becomes({ kind: 'playing', course: 'live' })
  asked = 0
  await pass(10_000)
  expect(asked).toBe(0)
})

test('a recording that is deleted is heard no more', async () => {
  await open(RECORDED)
  expect(session.stops).toBe(0)
  door = { ...SPACE, state: 'deleted' }
  await pass(2000)
  expect([window.rostra.scene, session.stops]).toEqual(['deleted', 1])
})

test('where a part is missing the page is loaded anew and goes on by itself, as soon as the door answers', async () => {
  await open()
  press()
  await session.hooks.missed()
  expect(reload).not.toHaveBeenCalled() // it was loaded just now
  await pass(OLD_MS)
  door = null
  await session.hooks.missed()
  expect(reload).not.toHaveBeenCalled()
  door = SPACE
  await session.hooks.missed()
  expect(reload).toHaveBeenCalledOnce()
  expect(tab).toEqual({ 'rostra.ticket.s': 'null' })
})

test('it is not while something sounds, or somebody writes', async () => {
  await open()
  await pass(OLD_MS)
  session.audio.paused = false
  await session.hooks.missed()
  Object.assign(session.audio, { paused: true })
  dialog = new Element('dialog')
  await session.hooks.missed()
  expect(reload).not.toHaveBeenCalled()
})

test.each<[string, Partial<Boot>]>([
  ['the controls of a recording', RECORDED],
  ['what leads into the room', AHEAD],
])('so it is after a failure to load %s', async (_, boot) => {
  part.isThere = false
  await open(boot)
  await pass(OLD_MS)
  if (boot === AHEAD) press()
  await pass(20_000)
  expect(reload).toHaveBeenCalled()
})

test('whoever pressed before the start while the network was away is in the room as soon as it is back', async () => {
  part.isThere = false
  await open(AHEAD)
  press()
  await pass(2000)
  expect(line.enter).not.toHaveBeenCalled()
  part.isThere = true
  await vi.waitFor(() => expect(line.enter).toHaveBeenCalledOnce(), 5000)
})

test.each<[string, Partial<Boot>, Listening['kind']]>([
  ['hears it', {}, 'starting'],
  ['waits for the start', AHEAD, 'armed'],
])('who is a listener again after the stage %s, here and where it goes on', async (_, boot, kind) => {
  await open(boot)
  const onStage = session.hooks as unknown as Listener & Traveller
  onStage.stop()
  onStage.resume()
  expect(session.state.kind).toBe(kind)
  onStage.turnOver(() => {})
  expect(session.state.kind).toBe(kind)
})

test('whoever waits is told that it is live before it was announced, until it is over', async () => {
  await open(AHEAD)
  const live = { ...SPACE, ...AHEAD, state: 'live' as const, live_at: 1_000_000 }
  door = live
  await vi.waitFor(() => expect(page['lasted']!.shown).toBe('Live early: announced for at 3600000'), 5000)
  door = { ...live, state: 'published', ended_at: 1_060_000 }
  await vi.waitFor(() => expect(page['lasted']!.shown).toBe('It was live for 1 min.'), 5000)
})

test('what happens at once is read out together, and what is said again is news again', async () => {
  await open({ state: 'lobby' })
  const told = () => page['announce']!.shown.trim()
  const say = (words: string) => (session.hooks as unknown as LineHooks).announce(words)
  door = null
  await pass(20_000)
  expect(told()).toBe(en['event.unreachable_short'])
  door = SPACE
  await pass(60_000)
  expect(told()).toBe(`${en['event.live']} ${en['event.reached']}`)
  say('A line.')
  await pass(100)
  const before = page['announce']!.children
  say('A line.')
  await pass(100)
  expect(told()).toBe('A line.')
  expect(page['announce']!.children).not.toBe(before)
})

test('a stage that was locked while it plays is known to the form to ask in as it opens, with the reason, and to the page from then on', async () => {
  await open()
  press()
  session.becomes({ kind: 'playing', course: 'live' })
  door = { ...SPACE, locked: true, locked_reason: 'Too many strangers' }
  await pass(10_000)
  expect(page['floor']!.shown).not.toContain('Too many strangers')
  found('floor', 'ask').dispatchEvent(new Event('click'))
  await vi.waitFor(() => expect(stage.way).not.toBeNull(), 5000)
  expect(await stage.way!.locked()).toBe(true)
  expect(page['floor']!.shown).toContain('Too many strangers')
  stage.way!.closed()
  expect(found('floor', 'ask').hidden).toBe(true)
})

test('once it is live the page names who is on stage in the place of who was announced, and while nobody is who was', async () => {
  const on = (...names: string[]) => ({ speakers: names.map((name) => ({ id: name, name, role: 'speaker' })) })
  const named = () => page['with']?.textContent.replace(/[\u2068\u2069]/g, '')
  vi.spyOn(Element.prototype, 'querySelector').mockImplementation(() => new Element('b'))
  await open({ ...AHEAD, state: 'lobby', ...on('Bridge') })
  expect(named()).toBeFalsy()
  door = { ...SPACE, ...on('Bridge') }
  await vi.waitFor(() => expect(named()).toBe('Bridge'), 5000)
  press()
  session.hooks.event({ v: 1, at: 0, ...on('Bridge', 'Hanna Host') })
  await pass(1000)
  expect(named()).toBe('Bridge, Hanna Host')
  session.hooks.event({ v: 1, at: 48_000, ...on() })
  await pass(1000)
  expect(named()).toBe('Bridge, Hanna Host')
})

test('whoever hears the end is told of the recording, and not that it is live', async () => {
  await open()
  press()
  session.becomes({ kind: 'playing', course: 'live' })
  await pass(1000)
  const told: string[] = []
  const { replaceChildren } = page['announce']!
  page['announce']!.replaceChildren = (...said) => told.push(String(said)) && replaceChildren.call(page['announce'], ...said)
  door = { ...SPACE, ...RECORDED } as Status
  void session.hooks.over()
  await vi.waitFor(() => expect(window.rostra.scene).toBe('published'), 5000)
  await pass(1000)
  expect(told.join(' ')).toContain(en['event.published'])
  expect(told.join(' ')).not.toContain(en['event.live'])
})
