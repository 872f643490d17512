/** Draws the lines to the audience. Loaded once there are others than the door rendered, with its words. */

import { CATALOGUES } from 'virtual:words/notices'
import { shortText } from '../words/times'
import { speak, t, timeWords } from '../words/words'
import { make } from './dom'
import type { Told } from './status'

const MOST_LINK_CHARS = 40

/** Put `notices` into `list`, and announce one that is not among the `known`. Rejects when the words are not reached. */
export async function draw(list: HTMLElement, notices: Told[], known: Told[], announce: (sentence: string) => void): Promise<void> {
  await speak(CATALOGUES)
  const news = notices.find((notice) => !known.some(({ id }) => id === notice.id))
  const stands = ({ id }: Element): boolean => notices.some((notice) => id === `n-${notice.id}`)
  for (const each of [...list.children]) if (!stands(each)) each.remove()
  notices.forEach((notice, at) => {
    const here = list.children[at]
    if (here?.id !== `n-${notice.id}`) list.insertBefore(article(notice), here ?? null)
  })
  list.hidden = notices.length === 0
  if (news) announce(t('event.notice_new', { author: byline(news), text: news.text }))
}

function article({ id, text, link, author, at }: Told): HTMLElement {
  const time = make('time', { datetime: new Date(at).toISOString() }, shortText(timeWords, at))
  return make('article', { class: 'told', id: `n-${id}`, 'data-testid': 'notice' },
    make('p', { dir: 'auto' }, text, link && ' ', link && /^https?:/.test(link) && make('a', { href: link, rel: 'noopener nofollow' }, bare(link))),
    make('p', { class: 'small soft' }, `${byline({ author })} · `, make('a', { href: `#n-${id}` }, make('span', { class: 'visually-hidden' }, `${t('event.notice_link')}, `), time)))
}

/** Whose words they are; who left has no name. */
function byline({ author }: Pick<Told, 'author'>): string {
  return author || t('event.former_member')
}

/** An address as one reads it out. */
function bare(link: string): string {
  const text = link.replace(/^\w+:\/\/(www\.)?/, '').replace(/\/$/, '')
  return text.length <= MOST_LINK_CHARS ? text : `${text.slice(0, MOST_LINK_CHARS - 1)}…`
}
