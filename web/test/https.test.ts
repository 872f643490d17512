import { expect, test } from 'vitest'
import { isPublicName, settings } from '../src/backstage/studio/https'

test('only a name that everybody can look up gets a certificate that phones accept', () => {
  expect(['live.example.org', 'rostra.de', 'a-b.c.co.uk', 'radio.xn--p1ai'].map(isPublicName)).toEqual([true, true, true, true])
  const others = ['192.0.2.7', '[fd00::2]', 'server', 'rostra.local', 'nas.lan', 'stage.localhost', 'box.home.arpa', 'rostra.internal']
  expect(others.map(isPublicName)).toEqual(others.map(() => false))
})

test('all three addresses are told, and who may say how a request came', () => {
  const typed = settings('live.example.org').join(' ')
  for (const part of ['DOOR', 'EDGE', 'CONTROL']) expect(typed).toContain(`ROSTRA_${part}_URL=https://live.example.org`)
  expect(typed).toContain(`ROSTRA_TRUSTED_PROXIES='["127.0.0.1/32"]'`)
})
