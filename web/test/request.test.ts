/** A request to speak is asked under a hash, which hosts read, and taken back by the secret behind it. */

import { afterEach, expect, it, vi } from 'vitest'
import { Asked } from '../src/speaking/request'

afterEach(() => vi.unstubAllGlobals())

it('shows the secret as it is taken back, and not before', async () => {
  const sent: string[] = []
  vi.stubGlobal('document', { cookie: '' })
  vi.stubGlobal('location', { protocol: 'https:' })
  vi.stubGlobal('sessionStorage', { setItem() {}, removeItem() {} })
  vi.stubGlobal('fetch', (address: string, init?: RequestInit) => {
    sent.push(`${address} ${String(init?.body)}`)
    return Promise.resolve(Response.json({ state: 'waiting', poll_ms: 1000 }))
  })
  const asked = await Asked.ask('/s/tides', 'slot', { name: 'Lena', note: '', voucher: '' })
  await asked.look()
  expect(sent.join()).not.toContain(asked.secret)
  await asked.withdraw()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(asked.secret))
  const id = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  expect(sent[2]).toBe(`/s/tides/ask ${JSON.stringify({ id, withdraw: asked.secret })}`)
})
