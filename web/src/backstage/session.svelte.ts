/** Who is signed in, for the bar and for what each screen offers. The API decides; this only shows. */

import { ApiError, call, type Account } from './api'
import { go } from './route.svelte'

let account = $state.raw<Account | null>(null)
let reports = $state(0)

/** Null while nobody is known to be signed in. */
export function signedIn(): Account | null {
  return account
}

export function isOperator(): boolean {
  return account?.role === 'operator'
}

/** Operators and moderators look after people. */
export function isCarer(): boolean {
  return account?.role === 'operator' || account?.role === 'moderator'
}

/** Reports that wait for whoever is signed in, as it was when that was asked last. */
export function reportsWaiting(): number {
  return isCarer() ? reports : 0
}

export function remember(known: Account | null): void {
  account = known
}

/** Ask who is signed in; null for nobody. Rejects with ApiError when backstage does not answer. */
export async function whoami(): Promise<Account | null> {
  try {
    const known = await call<{ account: Account; reports: number }>('GET', '/session')
    account = known.account
    reports = known.reports
  } catch (error) {
    if (!(error instanceof ApiError) || ![401, 403].includes(error.status)) throw error
    account = null
  }
  return account
}

/** Mails to whoever is signed in are in this language from now on; while backstage cannot be reached they stay as they are. */
export async function writeIn(language: string): Promise<void> {
  if (account) await call('PATCH', '/account', { language }).catch(() => {})
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/session').catch(() => {})
  account = null
  go('/signin')
}
