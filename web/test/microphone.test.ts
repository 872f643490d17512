/** What a speaker reads where there is no microphone, and a host where the disk is full: what is wrong, and what to do. */

import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { measure, NoMicrophone, openMicrophone, watchMicrophones } from '../src/backstage/studio/microphone'
import { sayWhy, speak } from '../src/backstage/words.svelte'

beforeEach(() => vi.stubGlobal('document', { documentElement: {} }))
afterEach(() => vi.unstubAllGlobals())

async function told(error: unknown): Promise<string> {
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.reject(error) } })
  const why = await openMicrophone('').catch((reason: unknown) => reason)
  expect(why).toBeInstanceOf(NoMicrophone)
  return (why as NoMicrophone).message
}

const denied = (name: string) => new DOMException('', name)

describe('a microphone that does not open', () => {
  it.each([
    ['en', 'NotAllowedError', 'allow the microphone, then try again'],
    ['en', 'NotFoundError', 'Plug one in'],
    ['en', 'OverconstrainedError', 'choose another'],
    ['en', 'NotReadableError', 'Another program holds the microphone'],
    ['es', 'NotAllowedError', 'permite el micrófono'],
  ])('is told in %s after %s', async (language, name, words) => {
    await speak(language)
    expect(await told(denied(name))).toContain(words)
  })

  it('for a reason nobody foresaw is told with it', async () => {
    await speak('en')
    expect(await told(denied('AbortError'))).toContain('AbortError')
    expect(await told(new TypeError('no audio'))).toContain('no audio')
  })
})

describe('the microphones to choose from', () => {
  it('are told again when one comes or goes', async () => {
    await speak('en')
    let ids = ['built-in']
    const mediaDevices = Object.assign(new EventTarget(), {
      enumerateDevices: async () => ids.map((deviceId) => ({ kind: 'audioinput', deviceId, label: deviceId })),
    })
    vi.stubGlobal('navigator', { mediaDevices })
    const found: string[][] = []
    const stop = watchMicrophones((devices) => found.push(devices.map(({ id }) => id)))
    await vi.waitFor(() => expect(found).toEqual([['built-in']]))
    ids = ['built-in', 'headset']
    mediaDevices.dispatchEvent(new Event('devicechange'))
    await vi.waitFor(() => expect(found.at(-1)).toEqual(['built-in', 'headset']))
    stop()
    mediaDevices.dispatchEvent(new Event('devicechange'))
    await Promise.resolve()
    expect(found.length).toBe(2)
  })
})

describe('a microphone that was chosen', () => {
  const asked = vi.fn(async (_wish: { audio: MediaTrackConstraints }) => ({}))
  beforeEach(() => {
    asked.mockReset()
    asked.mockResolvedValue({})
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: asked } })
    const kept = new Map<string, string>()
    vi.stubGlobal('window', { localStorage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) } })
  })
  const devices = () => asked.mock.calls.map(([{ audio }]) => (audio.deviceId as { exact: string } | undefined)?.exact)

  it('is the one that opens the next time', async () => {
    await openMicrophone('headset')
    await openMicrophone('')
    expect(devices()).toEqual(['headset', 'headset'])
  })

  it('and is gone makes way for any', async () => {
    await openMicrophone('headset')
    asked.mockImplementationOnce(() => Promise.reject(denied('OverconstrainedError')))
    await openMicrophone('')
    expect(devices()).toEqual(['headset', 'headset', undefined])
  })

  it('is asked for once where the answer is no', async () => {
    await openMicrophone('headset')
    asked.mockImplementation(() => Promise.reject(denied('NotAllowedError')))
    await expect(openMicrophone('')).rejects.toThrow(NoMicrophone)
    expect(devices()).toEqual(['headset', 'headset'])
  })
})

test('what measures a microphone is closed once, however often it is stopped', () => {
  const closed = vi.fn()
  class Context {
    state = 'running'
    createMediaStreamSource = () => ({ connect() {} })
    close() {
      if (this.state === 'closed') throw denied('InvalidStateError')
      this.state = 'closed'
      closed()
    }
  }
  vi.stubGlobal('AudioContext', Context)
  vi.stubGlobal('AnalyserNode', class { fftSize = 32 })
  const stop = measure({} as MediaStream, () => {})
  stop()
  stop()
  expect(closed).toHaveBeenCalledOnce()
})

describe('on a full disk a host reads', () => {
  it('that nobody is heard, and in the end what became of the recording', async () => {
    await speak('en')
    expect(sayWhy('off_air_disk_full')).toContain('The disk is full: nobody on stage is heard')
    expect(sayWhy('disk_full')).toContain('what was recorded is safe')
    await speak('es')
    expect(sayWhy('off_air_disk_full')).toContain('El disco está lleno')
  })
})
