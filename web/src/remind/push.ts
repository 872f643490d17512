/** This browser's push subscription, made when somebody asks for it. One for the whole site. */

/** Its worker's scope holds no page: it shows what is pushed and nothing else. */
const SCOPE = '/remind/'
const PATIENCE_MS = 20_000

export interface Subscribed {
  address: string
  p256dh: string
  auth: string
}

/** Ask for leave and subscribe; null where the visitor or the browser will not. */
export async function subscribe(publicKey: string): Promise<Subscribed | null> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return null
    const registration = await navigator.serviceWorker.register(`${SCOPE}worker.js`, { scope: SCOPE })
    await active(registration)
    const known = await registration.pushManager.getSubscription()
    const ours = bytes(publicKey)
    // The site has drawn a new key since.
    if (known && !same(known.options.applicationServerKey, ours)) await known.unsubscribe()
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: ours })
    const { endpoint, keys } = made.toJSON()
    return endpoint && keys?.['p256dh'] && keys['auth'] ? { address: endpoint, p256dh: keys['p256dh'], auth: keys['auth'] } : null
  } catch {
    return null
  }
}

/** Resolves once the worker may take pushes; rejects when it does not come to that. */
function active(registration: ServiceWorkerRegistration): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting
    if (registration.active || !worker) return resolve()
    setTimeout(reject, PATIENCE_MS)
    worker.addEventListener('statechange', () => worker.state === 'activated' && resolve())
  })
}

export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
}

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  return one !== null && String(new Uint8Array(one)) === String(other)
}
