/** What the roles of a site are called, and what each may do, in words. */

import type { AccountRole } from '../api'
import type { Key } from '../words.svelte'

export const ROLE_WORDS: Readonly<Record<AccountRole, { name: Key; what: Key }>> = {
  operator: { name: 'account.role.operator', what: 'account.role.operator.what' },
  moderator: { name: 'account.role.moderator', what: 'account.role.moderator.what' },
  member: { name: 'account.role.member', what: 'account.role.member.what' },
}

/** Whom somebody may invite: moderators only members. */
export function rolesToGive(giver: AccountRole | undefined): AccountRole[] {
  return giver === 'operator' ? ['member', 'moderator', 'operator'] : ['member']
}
