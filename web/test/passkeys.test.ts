import { expect, test } from 'vitest'
import { base64url, bytes, creationOptions, requestOptions, written } from '../src/backstage/account/passkeys'

const some = new Uint8Array([251, 255, 0, 1, 62, 63])

test('bytes come back whole from base64url, which needs no escaping', () => {
  for (let length = 0; length < 40; length += 1) {
    const raw = Uint8Array.from({ length }, (_, i) => (i * 37 + 251) % 256)
    const text = base64url(raw.buffer)
    expect(text).toMatch(/^[\w-]*$/)
    expect(bytes(text)).toEqual(raw)
  }
})

test('a browser gets bytes where the API sends text', () => {
  const options = creationOptions({
    challenge: base64url(some.buffer),
    rp: { name: 'Town Hall' },
    user: { id: base64url(some.buffer), name: 'olga', displayName: 'Olga' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [{ id: base64url(some.buffer), type: 'public-key' }],
  })
  expect(options.challenge).toEqual(some)
  expect(options.user.id).toEqual(some)
  expect(options.excludeCredentials?.[0]?.id).toEqual(some)
  expect(requestOptions({ challenge: base64url(some.buffer) }).allowCredentials).toEqual([])
})

test('the API gets text where a browser answers bytes', () => {
  const shown = {
    id: 'abc',
    rawId: some.buffer,
    type: 'public-key',
    getClientExtensionResults: () => ({}),
    response: { clientDataJSON: some.buffer, authenticatorData: some.buffer, signature: some.buffer, userHandle: null },
  } as unknown as PublicKeyCredential
  expect(written(shown)).toMatchObject({ rawId: base64url(some.buffer), response: { signature: base64url(some.buffer) } })
  expect(written(shown)['response']).not.toHaveProperty('userHandle')
})
