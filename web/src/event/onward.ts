/** The page of another space, put in the place of this one: audio that sounds goes on, because nothing is loaded anew. */

import { get, getJson, HttpError } from '../player/http'
import { isOver, type Boot, type Status } from './status'

/** Asked to stay on this page though its space has moved. */
export const STAYS = new URLSearchParams(location.search).has('stay')

/** Parts that differ between spaces. */
const PARTS = ['main', '.about', '#pill', '#boot']

/** How the space at `path` stands. Rejects when the door is not reached, and where it lets nobody in. */
export function statusAt(path: string): Promise<Status> {
  return getJson<Status>(`${path}/status.json`)
}

/** The page at `path`; null where this visitor is not let in, or where it is over. Rejects when the door is not reached. */
export async function pageAt(path: string): Promise<Document | null> {
  try {
    const text = await (await get(path, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(8000) })).text()
    const page = new DOMParser().parseFromString(text, 'text/html')
    const boot = JSON.parse(page.getElementById('boot')?.textContent ?? 'null') as Boot | null
    return boot && !isOver(boot.state) ? page : null
  } catch (error) {
    if (error instanceof HttpError && error.status < 500) return null
    throw error
  }
}

/** Put it in this page's place, its address too. */
export function put(page: Document, path: string): void {
  for (const part of PARTS) {
    const [before, after] = [document.querySelector(part), page.querySelector(part)]
    if (before && after) before.replaceWith(document.adoptNode(after))
  }
  document.title = page.title
  document.body.dataset['state'] = page.body.dataset['state'] ?? ''
  for (const name of ['canonical', 'alternate']) {
    const [before, after] = [document, page].map((each) => each.querySelector(`link[rel=${name}]`))
    if (before && after) before.replaceWith(document.adoptNode(after))
  }
  history.replaceState(null, '', path)
}
