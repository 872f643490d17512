/** What hls.js is answered decides how it goes on, whether `live.json` has been answered or not. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HlsJsPlayer } from '../src/player/hls-js'
import { Audio } from './audio'

type Listener = (name: string, data: object) => void

const manifest = vi.hoisted(() => ({ asked: 0, status: 0 }))
vi.mock('hls.js/light', () => ({
  default: class {
    static Events = { ERROR: 'error' }
    #failed: Listener = () => {}
    on(name: string | undefined, listener: Listener) {
      if (name === 'error') this.#failed = listener
    }
    loadSource() {
      if (manifest.asked++) return // the next one plays
      setTimeout(() => this.#failed('error', { fatal: true, response: { code: manifest.status } }))
    }
    attachMedia() {}
    destroy() {}
  },
}))

let player: HlsJsPlayer
let joined: number
let asked: number
let over: boolean

function play(status: number): void {
  manifest.status = status
  const join = async () => ({ base: `https://edge/t/${(joined += 1)}/`, ticket: '', run: '' })
  const hooks = { join, playing() {}, event() {}, over: async () => ((asked += 1), over), failed() {} }
  player = new HlsJsPlayer(new Audio() as unknown as HTMLAudioElement, hooks, false)
  player.start()
}

beforeEach(() => {
  manifest.asked = joined = asked = 0
  over = false
  vi.spyOn(Math, 'random').mockReturnValue(0)
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('document', { addEventListener() {} })
  vi.stubGlobal('fetch', () => new Promise(() => {}))
})
afterEach(() => {
  player.stop()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test.each([403, 404])('a ticket that is refused with %i is asked for anew', async (status) => {
  play(status)
  await vi.waitFor(() => expect(manifest.asked).toBe(2), 3000)
  expect([joined, asked]).toEqual([2, 1])
})

test('once the programme is over, nothing is tried again', async () => {
  over = true
  play(404)
  await vi.waitFor(() => expect(asked).toBe(1), 3000)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect([manifest.asked, joined, asked]).toEqual([1, 1, 1])
})

test.each([503, 200, 0])('after any other fault (%i) the same ticket is tried again', async (status) => {
  play(status)
  await vi.waitFor(() => expect(manifest.asked).toBe(2), 3000)
  expect([joined, asked]).toEqual([1, 0])
})
