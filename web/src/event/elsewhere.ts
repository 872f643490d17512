/** Whether this browser's owner is on this stage, in another tab: it says so in a cookie of this page alone. */

export function isOnStage(): boolean {
  return /(?:^|; )on_stage=1/.test(document.cookie)
}
