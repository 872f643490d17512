/** Whoever looks after reports sees from any page that some wait, and whom each is against. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { render } from 'svelte/server'
import type { Account } from '../src/backstage/api'
import type { Report } from '../src/backstage/reports/report'

const MO: Account = {
  handle: 'mo', name: 'Mo', role: 'moderator', bio: '', picture: '', email: null, verified: null, suspended: null, public_page: false,
}
const REPORT: Report = {
  id: 'r', space: { id: 's', title: 'Tides', state: 'live', event_url: '/s/s', hidden_reason: '' }, subject: 'space', about: 'Tides', handle: 'olga',
  grounds: 'hate', text: '', at_s: 61, at: '2026-01-01T20:00:00Z', state: 'open', note: '', handled_at: null, handled_by: null, may: [],
}

beforeEach(async () => {
  vi.stubGlobal('document', { documentElement: {} })
  vi.stubGlobal('location', { href: 'https://live.example/account' })
  const { speak } = await import('../src/backstage/words.svelte')
  await speak('en')
})
afterEach(() => vi.unstubAllGlobals())

async function menu(role: Account['role'], reports: number): Promise<string> {
  vi.stubGlobal('fetch', async () => Response.json({ account: { ...MO, role }, reports }))
  const { whoami } = await import('../src/backstage/session.svelte')
  await whoami()
  const { default: Bar } = await import('../src/backstage/Bar.svelte')
  return render(Bar).body.replace(/<[^>]*>/g, '')
}

test('the menu counts those that wait', async () => {
  expect(await menu('moderator', 1)).toContain('Reports (1)')
})

test('and says nothing where none does, or they are nobody’s business', async () => {
  expect(await menu('operator', 0)).toMatch(/Reports(?! \()/)
  expect(await menu('member', 0)).not.toContain('Reports')
})

test('a report says whom it is against, for whoever made it has no name', async () => {
  const { default: ReportRow } = await import('../src/backstage/reports/ReportRow.svelte')
  expect(render(ReportRow, { props: { report: REPORT, changed: async () => {} } }).body).toContain('against @olga')
})

test('whoever takes somebody off a stage reads whom, and that they may ask again', async () => {
  const { whatOf } = await import('../src/backstage/reports/report')
  const { say } = await import('../src/backstage/words.svelte')
  expect(say(whatOf('removed', 'speaker'), { name: 'Sam' })).toBe('Sam is taken off the stage at once, and may ask to speak again.')
  expect(say(whatOf('removed', 'notice'), { name: 'Buy' })).toBe('The notice is taken back at once.')
  expect(say(whatOf('hidden', 'space'), { name: '' })).toContain('The conversation ends if it is live')
})
