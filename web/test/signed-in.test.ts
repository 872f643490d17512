/** Whoever is signed in asks to speak by the newest voucher: an old one holds for a quarter of an hour. */

import { afterEach, expect, it, vi } from 'vitest'
import { SignedIn } from '../src/speaking/signed-in'

const told = (voucher: string, name = 'Eve') => Response.json({ name, handle: 'eve', voucher, seat: '' })

afterEach(() => vi.unstubAllGlobals())

it('is vouched for anew each time, and as before where backstage is away', async () => {
  const answers = [told('first'), told('second'), new Response(null, { status: 503 }), new TypeError('away'), told('', '')]
  const asked: string[] = []
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address)
    const answer = answers.shift()
    return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(answer)
  })
  const eve = new SignedIn('https://backstage.example/', 'tides')
  const vouchers = []
  for (let times = 0; times < 4; times += 1) vouchers.push((await eve.look())?.voucher)
  expect(vouchers).toEqual(['first', 'second', 'second', 'second'])
  expect(await eve.look()).toBeNull()
  expect(new Set(asked)).toEqual(new Set(['https://backstage.example/api/v1/spaces/tides/floor/me']))
})
