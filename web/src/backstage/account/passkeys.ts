/**
 * Passkeys (Web Authentication, Level 3): the browser's side of adding one and of signing in by one.
 * The API speaks JSON with base64url; browsers want bytes. Holds no key and decides nothing.
 */

import { call, type Account } from '../api'
import { say } from '../words.svelte'

/** The JSON forms of the options, as far as bytes hide in them. */
interface Described {
  id: string
  type: PublicKeyCredentialType
  transports?: AuthenticatorTransport[]
}
interface CreationJSON extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
  challenge: string
  user: { id: string; name: string; displayName: string }
  excludeCredentials?: Described[]
}
interface RequestJSON extends Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> {
  challenge: string
  allowCredentials?: Described[]
}

/** Whether this browser can, on this page: only over HTTPS or on the machine itself. */
export function canUsePasskeys(): boolean {
  return window.isSecureContext && 'PublicKeyCredential' in window
}

/** Make a passkey on this device for whoever is signed in. Rejects with a sentence. */
export async function addPasskey(name: string): Promise<void> {
  const options = await call<CreationJSON>('POST', '/passkeys/options')
  const made = await ask(() => navigator.credentials.create({ publicKey: creationOptions(options) }))
  await call('POST', '/passkeys', { name, credential: written(made) })
}

/** Sign in by a passkey that the person picks. Rejects with a sentence. */
export async function signInWithPasskey(): Promise<{ account: Account }> {
  return call('POST', '/session/passkey', { credential: await show() })
}

/** Show once more who one is, by a passkey. Rejects with a sentence. */
export async function proveWithPasskey(): Promise<void> {
  await call('POST', '/session/proof', { credential: await show() })
}

async function show(): Promise<Record<string, unknown>> {
  const options = await call<RequestJSON>('POST', '/session/passkey/options')
  return written(await ask(() => navigator.credentials.get({ publicKey: requestOptions(options) })))
}

export function creationOptions(options: CreationJSON): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials, ...rest } = options
  return {
    ...rest,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: (excludeCredentials ?? []).map(described),
  }
}

export function requestOptions(options: RequestJSON): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials, ...rest } = options
  return { ...rest, challenge: bytes(challenge), allowCredentials: (allowCredentials ?? []).map(described) }
}

function described({ id, type, transports }: Described): PublicKeyCredentialDescriptor {
  return { id: bytes(id), type, ...(transports ? { transports } : {}) }
}

/** A credential as JSON, the way `PublicKeyCredential.toJSON` writes it where browsers have that. */
export function written(credential: PublicKeyCredential): Record<string, unknown> {
  const { response } = credential
  const parts: Record<string, unknown> = { clientDataJSON: base64url(response.clientDataJSON) }
  if ('attestationObject' in response) {
    const made = response as AuthenticatorAttestationResponse
    parts['attestationObject'] = base64url(made.attestationObject)
    parts['transports'] = made.getTransports?.() ?? []
  } else {
    const shown = response as AuthenticatorAssertionResponse
    parts['authenticatorData'] = base64url(shown.authenticatorData)
    parts['signature'] = base64url(shown.signature)
    if (shown.userHandle) parts['userHandle'] = base64url(shown.userHandle)
  }
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  }
}

export function base64url(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}

async function ask(asking: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await asking().catch((error: unknown) => {
    const name = error instanceof DOMException ? error.name : ''
    throw new Error(say(name === 'InvalidStateError' ? 'account.passkeys.here_already' : 'account.passkeys.not_given'))
  })
  if (!credential) throw new Error(say('account.passkeys.not_given'))
  return credential as PublicKeyCredential
}
