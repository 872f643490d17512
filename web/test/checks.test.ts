/** The sound checks under their heading: whoever has tried something, or that nobody has. */

import { beforeAll, expect, test, vi } from 'vitest'
import { render } from 'svelte/server'
import { NOTHING, type Check } from '../src/backstage/studio/check/finding'

const read = vi.hoisted(() => ({ value: [] as unknown[] }))
vi.mock('../src/backstage/reading.svelte', () => ({ Reading: class { value = read.value } }))

beforeAll(async () => {
  vi.stubGlobal('document', { documentElement: {} })
  const { speak } = await import('../src/backstage/words.svelte')
  await speak('en')
})

async function shown(...checks: Partial<Check>[]): Promise<string> {
  read.value = checks.map((check) => ({ ...NOTHING, name: 'Sam', role: 'speaker', at: '2026-01-01T20:00:00Z', ...check }))
  const { default: Checks } = await import('../src/backstage/Checks.svelte')
  return render(Checks, { props: { space: 's' } }).body
}

test('where nobody has tried anything that is said, and no empty list stands there', async () => {
  for (const body of [await shown(), await shown({})]) {
    expect(body).toContain('Nobody has checked yet.')
    expect(body).not.toContain('<ul')
  }
  expect(await shown({ microphone: 'heard' })).toContain('<bdi>Sam</bdi>')
})
