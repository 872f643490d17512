/** Keeps the screen on while somebody is on stage, where the browser can. */

export function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null
  let wanted = true
  const ask = async () => {
    if (!wanted || document.hidden || !('wakeLock' in navigator)) return
    lock = await navigator.wakeLock.request('screen').catch(() => null)
    if (!wanted) await lock?.release()
  }
  document.addEventListener('visibilitychange', ask) // a lock is lost whenever the page is hidden
  void ask()
  return () => {
    wanted = false
    document.removeEventListener('visibilitychange', ask)
    void lock?.release()
  }
}
