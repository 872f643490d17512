/** A line that breaks comes back; one that is stopped leaves nobody on stage, however far it had come. The browser's side is played here. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Line, type LineState } from '../src/backstage/studio/line'

class Peer extends EventTarget {
  iceGatheringState = 'new'
  connectionState = 'new'
  localDescription = { sdp: 'v=0' }
  closed = false
  addTransceiver() {}
  createOffer = async () => ({})
  setLocalDescription = async () => {}
  setRemoteDescription = async () => {}
  close() {
    this.closed = true
  }
  becomes(what: { iceGatheringState?: string; connectionState?: string }) {
    Object.assign(this, what)
    this.dispatchEvent(new Event('icegatheringstatechange'))
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

let peers: Peer[]
let asked: string[]
let offers: { page: string; again: boolean }[]
let refusal: string
let answerOffer: () => void
let states: LineState['kind'][]
let line: Line
let given: RTCConfiguration | undefined
const relays = [
  { urls: 'stun:stun.example', username: '', credential: '' },
  { urls: 'turns:turn.example:443?transport=tcp', username: '1:ada', credential: 'secret' },
]

const settled = () => vi.advanceTimersByTimeAsync(0)

async function opened(): Promise<void> {
  await settled()
  peers[0]?.becomes({ iceGatheringState: 'complete' })
  await settled()
  answerOffer()
  await settled()
  peers[0]?.becomes({ connectionState: 'connected' })
}

beforeEach(() => {
  vi.useFakeTimers()
  peers = []
  asked = []
  offers = []
  refusal = ''
  states = []
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('RTCPeerConnection', function (configuration: RTCConfiguration) {
    given = configuration
    peers.push(new Peer())
    return peers.at(-1)
  })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (url.endsWith('/ice-servers')) return Promise.resolve(Response.json({ ice_servers: relays }))
    asked.push(`${init.method} ${url}`)
    if (init.method === 'DELETE') return Promise.resolve(new Response(null, { status: 204 }))
    offers.push(JSON.parse(String(init.body)) as { page: string; again: boolean })
    if (refusal) return Promise.resolve(Response.json({ error: { code: refusal, message: 'You speak elsewhere.' } }, { status: 409 }))
    return new Promise((resolve) => {
      answerOffer = () => resolve(Response.json({ session: 'mine', sdp: 'v=0' }))
    })
  })
  const microphone = { getAudioTracks: () => [{}] } as unknown as MediaStream
  line = new Line('space', microphone, { state: (state) => states.push(state.kind), returned: () => {} })
  line.start()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const OFFER = 'POST /api/v1/spaces/space/stage/offer'
const LEAVE = 'DELETE /api/v1/spaces/space/stage/sessions/mine'

describe('a line over which nothing comes', () => {
  beforeEach(async () => {
    await opened()
    await settled()
    peers[0]?.becomes({ connectionState: 'disconnected' })
    await vi.advanceTimersByTimeAsync(1900)
  })

  it('goes on by itself where it heals within two seconds', async () => {
    peers[0]?.becomes({ connectionState: 'connected' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, states, peers.length]).toEqual([[OFFER], ['connecting', 'open'], 1])
  })

  it('is made anew where it does not', async () => {
    expect(states).toEqual(['connecting', 'open'])
    await vi.advanceTimersByTimeAsync(200)
    expect(states).toEqual(['connecting', 'open', 'broken'])
  })

  it('is made anew at once where the browser has given up', async () => {
    peers[0]?.becomes({ connectionState: 'failed' })
    await settled()
    expect(states).toEqual(['connecting', 'open', 'broken'])
  })
})

describe('a line that breaks', () => {
  it('keeps its place, and asks for the servers anew before it comes back', async () => {
    await settled()
    expect(given?.iceServers).toEqual([{ urls: 'stun:stun.example' }, relays[1]])
    peers[0]?.becomes({ iceGatheringState: 'complete' })
    await settled()
    answerOffer()
    await settled()
    peers[0]?.becomes({ connectionState: 'connected' })
    await settled()
    peers[0]?.becomes({ connectionState: 'failed' })
    await vi.advanceTimersByTimeAsync(2000)
    peers[1]?.becomes({ iceGatheringState: 'complete' })
    await settled()
    answerOffer()
    await settled()
    expect([asked, peers[0]?.closed]).toEqual([[OFFER, OFFER], false])
    peers[1]?.becomes({ connectionState: 'connected' })
    await settled()
    expect([asked, states, peers[0]?.closed]).toEqual([[OFFER, OFFER], ['connecting', 'open', 'broken', 'connecting', 'open'], true])
  })

  it('keeps its place through tries that fail', async () => {
    await opened()
    await settled()
    peers[0]?.becomes({ connectionState: 'failed' })
    for (const next of [1, 2]) {
      await vi.advanceTimersByTimeAsync(4000)
      peers[next]?.becomes({ iceGatheringState: 'complete' })
      await settled()
      answerOffer()
      await settled()
      peers[next]?.becomes({ connectionState: next === 1 ? 'failed' : 'connected' })
      await settled()
      expect(peers.map(({ closed }) => closed)).toEqual(next === 1 ? [false, true] : [true, true, false])
    }
    expect(asked).toEqual([OFFER, OFFER, OFFER])
  })

  it('gives up where one speaks from another device by now, and takes no seat from it', async () => {
    await opened()
    await settled()
    refusal = 'speaks_elsewhere'
    peers[0]?.becomes({ connectionState: 'closed' })
    await vi.advanceTimersByTimeAsync(2000)
    peers[1]?.becomes({ iceGatheringState: 'complete' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([states, peers.length, offers.map(({ again }) => again)]).toEqual([['connecting', 'open', 'broken', 'connecting', 'refused'], 2, [false, true]])
    expect([offers[0]?.page, offers[1]?.page]).toEqual([offers[1]?.page, expect.stringMatching(/.{16}/)])
  })
})

describe('a line that is stopped', () => {
  it('while it gathers asks for nothing', async () => {
    await settled()
    line.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, states, peers[0]?.closed]).toEqual([[], ['connecting'], true])
  })

  it('while its offer is under way leaves when it is answered', async () => {
    await settled()
    peers[0]?.becomes({ iceGatheringState: 'complete' })
    await settled()
    line.stop()
    answerOffer()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, states, peers[0]?.closed]).toEqual([[OFFER, LEAVE], ['connecting'], true])
  })

  it('while it connects leaves at once and never opens', async () => {
    await settled()
    peers[0]?.becomes({ iceGatheringState: 'complete' })
    await settled()
    answerOffer()
    await settled()
    line.stop()
    await settled()
    expect([asked, states, peers[0]?.closed]).toEqual([[OFFER, LEAVE], ['connecting'], true])
    peers[0]?.becomes({ connectionState: 'connected' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, states, peers.length]).toEqual([[OFFER, LEAVE], ['connecting'], 1])
  })

  it('while it is open leaves', async () => {
    await opened()
    await settled()
    line.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, states, peers[0]?.closed]).toEqual([[OFFER, LEAVE], ['connecting', 'open'], true])
  })
})
