/** The reminder's sheet is drawn anew after each press: whoever pressed by keyboard stays in it. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Element } from './tree'
import { openPage } from './tree'

vi.mock('../src/remind/push', () => ({ subscribe: async () => ({ endpoint: 'there' }) }))

let body: Element

const find = (testid: string) => body.querySelectorAll('button').find(({ attributes }) => attributes.get('data-testid') === testid)!
const focused = () => document.activeElement as unknown
const settle = () => new Promise((resolve) => setTimeout(resolve))

/** Press a button, or send a form. */
async function press(element: Element, type = 'click'): Promise<void> {
  element.focus()
  ;(type === 'submit' ? element.closest('form')! : element).dispatchEvent(new Event(type, { cancelable: true }))
  await settle()
}

beforeEach(async () => {
  const kept = new Map<string, string>()
  body = openPage()
  vi.resetModules()
  vi.stubGlobal('navigator', { languages: [], serviceWorker: {} })
  vi.stubGlobal('PushManager', class {})
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  const answers: Record<string, object> = { '/remind/means.json': { push_key: 'k', mail: true }, '/remind': { forget: 'token' }, '/mail': { forget: '' } }
  vi.stubGlobal('fetch', async (address: string) => ({ ok: true, status: 200, json: async () => answers[address] }))
})

afterEach(() => vi.unstubAllGlobals())

async function open(remind: string): Promise<void> {
  const { openReminder } = await import('../src/remind/remind')
  await openReminder({ space: 's', remind, ics: 'event.ics' })
}

test('from the button that is replaced the focus goes on to the one in its place', async () => {
  await open('/remind')
  await press(find('remind-push'))
  expect(focused()).toBe(find('remind-forget'))
  await press(find('remind-forget'))
  expect(focused()).toBe(find('remind-push'))
})

test('whoever sends their address stays on the button, or in the field', async () => {
  await open('/mail')
  await press(find('remind-mail'), 'submit')
  expect(focused()).toBe(find('remind-mail'))
  const field = body.querySelectorAll('input').find(({ attributes }) => attributes.get('type') === 'email')!
  await press(field, 'submit')
  expect(focused()).toBe(field)
})

test('a focus that is elsewhere is left there', async () => {
  await open('/remind')
  const close = body.querySelectorAll('button').at(-1)!
  find('remind-push').dispatchEvent(new Event('click'))
  close.focus()
  await settle()
  expect(focused()).toBe(close)
})
