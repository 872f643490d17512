/** Whoever is signed in has their mails in the language that they chose backstage. */

import { afterEach, expect, test, vi } from 'vitest'
import type { Account } from '../src/backstage/api'
import { remember, writeIn } from '../src/backstage/session.svelte'

vi.mock('../src/backstage/route.svelte', () => ({ go: () => {} }))

const ADA: Account = {
  handle: 'ada', name: 'Ada', role: 'member', bio: '', picture: '', email: null, verified: null, suspended: null, public_page: false,
}
const asked: [string, RequestInit][] = []

function backstage(answer: () => Promise<Response>): void {
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    asked.push([address, init])
    return answer()
  })
}

afterEach(() => {
  vi.unstubAllGlobals()
  asked.length = 0
})

test('a language that somebody chooses is their account’s too', async () => {
  backstage(() => Promise.resolve(Response.json({ account: ADA })))
  remember(ADA)
  await writeIn('es')
  expect(asked.map(([address, { method, body }]) => [address, method, body])).toEqual([['/api/v1/account', 'PATCH', '{"language":"es"}']])
})

test('nothing is asked for a stranger', async () => {
  backstage(() => Promise.resolve(Response.json({ account: ADA })))
  remember(null)
  await writeIn('es')
  expect(asked).toEqual([])
})

test('the page speaks on where backstage is away', async () => {
  backstage(() => Promise.reject(new TypeError('away')))
  remember(ADA)
  await expect(writeIn('es')).resolves.toBeUndefined()
})
