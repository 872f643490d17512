import { expect, test, vi } from 'vitest'
import { play } from '../src/backstage/reports/minute'

const MINUTE = { status: '/status.json', join: '/join', run: 'runrun22', from_s: 31, to_s: 91 }

test('who gets a place in line in place of a ticket is told that nothing can be heard, and asks nothing more', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    const told = url === '/status.json' ? { replay: null } : { admitted: false, place: 'p', number: 3 }
    return Promise.resolve(new Response(JSON.stringify(told)))
  })
  const audio = new EventTarget() as HTMLAudioElement
  await expect(play(audio, MINUTE, new AbortController().signal)).rejects.toThrow('no ticket')
  expect(asked).toEqual(['/status.json', '/join'])
  vi.unstubAllGlobals()
})
