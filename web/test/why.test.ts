import { expect, test, vi } from 'vitest'
import { reasonOf } from '../src/event/status'

const WORDS: Record<string, string> = {
  'event.reason': 'Su motivo: {reason}',
  'why.disk_full': 'El disco está lleno.',
  'why.ended_by_site': 'Quienes llevan este sitio terminaron esta conversación.',
}

vi.mock('../src/words/words', () => ({
  t: (key: string, values: Record<string, string> = {}) => (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''),
}))

test('why it ended is read in the language of the page', () => {
  expect(reasonOf('disk_full')).toBe('El disco está lleno.')
})

test('what an operator wrote stands behind it as it is', () => {
  expect(reasonOf('ended_by_site: Spam: again')).toBe('Quienes llevan este sitio terminaron esta conversación. Su motivo: Spam: again')
  expect(reasonOf('ended_by_site')).toBe('Quienes llevan este sitio terminaron esta conversación.')
})

test('a sentence that an older tape ended with is shown as it was written', () => {
  expect(reasonOf('The disk is full. The recording ends here.')).toBe('The disk is full. The recording ends here.')
})
