/** A recording that is not everybody's: each answer of the door has another address for it, and each ends after a while. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Status } from '../src/event/status'
import type { Facts } from '../src/event/views'
import { Element, openPage } from './page'

class Audio extends Element {
  src = ''
  error: unknown = null
  volume = 0.2
  paused = true
  currentTime = 0
  playbackRate = 1
  defaultPlaybackRate = 1
  play = () => Promise.resolve()
  /** As a browser does once it has begun with another address. */
  loads() {
    Object.assign(this, { error: null, currentTime: 0, playbackRate: this.defaultPlaybackRate })
    this.dispatchEvent(new Event('loadedmetadata'))
  }
}

const LINES = [{ language: 'en', vtt: 'en.vtt' }, { language: 'es', vtt: 'es.vtt' }]

let audio: Audio
let asked: string[]

/** As the door tells it with this ticket. */
const told = (ticket: string) => ({
  run: 'run1', state: 'published', speakers: [], reactions: [],
  replay: { mp4: `https://edge.example/t/${ticket}/r/aac64.mp4`, hls: `https://edge.example/t/${ticket}/r/index.m3u8`, dash: `https://edge.example/t/${ticket}/r/manifest.mpd`, seconds: 3600 },
}) as unknown as Status
const factsOf = (ticket: string) => ({ status: told(ticket) }) as Facts

beforeEach(() => {
  openPage()
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  vi.stubGlobal('addEventListener', () => {})
  URL.createObjectURL = () => 'blob:lines'
  audio = new Audio('audio')
  asked = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url.replace('https://edge.example', ''))
    return url.endsWith('.json') ? Response.json({ captions: LINES }) : new Response('WEBVTT')
  })
})

afterEach(() => vi.unstubAllGlobals())

test('its captions are fetched once, and those of another language from where it is by then', async () => {
  const box = { node: new Element('section'), language: 'en', chosen: (_: string) => {}, offer() {}, clear() {}, show() {} }
  vi.doMock('../src/event/captions', () => ({ openCaptions: async () => box }))
  vi.doMock('../src/event/pinned', () => ({ PinnedLink: class { show() {} } }))
  vi.doMock('../src/event/reactions', () => ({ ReactionRow: class { node = new Element('div'); offer() {} } }))
  const { Happenings } = await import('../src/event/happenings')
  vi.stubGlobal('document', Object.assign(document, { createElement: (name: string) => Object.assign(new Element(name), { track: new EventTarget() }) }))
  const page = new Happenings({ audio: audio as unknown as HTMLAudioElement, announce() {}, react() {} })
  page.status(told('1'), false, false)
  await vi.waitFor(() => expect(audio.children).toHaveLength(1))
  page.status(told('2'), false, false)
  await new Promise((resolve) => setTimeout(resolve))
  expect(asked).toEqual(['/t/1/r/captions.json', '/t/1/r/en.vtt'])
  box.chosen('es')
  await vi.waitFor(() => expect(asked.at(-1)).toBe('/t/2/r/es.vtt'))
})

async function openReplay() {
  const { openReplay } = await import('../src/event/replay')
  const view = await openReplay({ audio, lockScreen: { title: '', names: [], artwork: '' } } as never, told('1'))
  return { view, all: (view.nodes as unknown as Element[]).flatMap((node) => node.all) }
}

test('once its address has ended a press plays it on by the newest, where it broke off and as fast', async () => {
  const { view, all } = await openReplay()
  const rates = all.find((each) => each.localName === 'select')!
  Object.assign(rates, { value: '1.5' }).dispatchEvent(new Event('change'))
  expect(audio.playbackRate).toBe(1.5)
  audio.currentTime = 90
  view.update(factsOf('2'))
  expect(audio.src).toContain('/t/1/') // what plays is left alone
  for (let failure = 0; failure < 2; failure += 1) {
    Object.assign(audio, { error: { code: 2 }, playbackRate: 1 })
    audio.dispatchEvent(new Event('error'))
    all.find((each) => each.attributes.get('data-testid') === 'play')!.dispatchEvent(new Event('click'))
    audio.currentTime = 0
  }
  expect(audio.src).toBe('https://edge.example/t/2/r/aac64.mp4')
  audio.loads()
  expect([audio.currentTime, audio.playbackRate]).toEqual([90, 1.5])
})

test('it plays at its full volume, for nothing on its page would turn it up', async () => {
  await openReplay()
  expect(audio.volume).toBe(1)
})

test('Download leads to the newest address', async () => {
  const { view, all } = await openReplay()
  const link = all.find((each) => each.attributes.has('download'))!
  expect(link.href).toBe('https://edge.example/t/1/r/aac64.mp4?download')
  view.update(factsOf('2'))
  expect(link.href).toBe('https://edge.example/t/2/r/aac64.mp4?download')
})
