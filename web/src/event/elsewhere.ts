/** What this browser's owner does elsewhere, as cookies say that this page may read. */

/** On this stage, in another tab: it says so in a cookie of this page alone. */
export const isOnStage = (): boolean => document.cookie.includes('on_stage=1')

/** Signed in backstage, where it stands at the door's own name: backstage says so beside what signs them in. */
export const isSignedIn = (): boolean => document.cookie.includes('signed_in=1')
