/** Lines to the audience, newest first: what the door rendered, kept up to date by the status and by the audio. */

import { shortText } from '../words/times'
import { t, timeWords } from '../words/words'
import { byId, make, say } from './dom'
import type { Told } from './status'

const MOST_LINK_CHARS = 40

export class Notices {
  readonly #list = byId('notices')
  #shown: string

  constructor(
    private notices: Told[],
    private readonly announce: (sentence: string) => void,
  ) {
    this.#shown = fingerprint(notices)
    for (const time of this.#list.querySelectorAll('time')) say(time, shortText(timeWords, Date.parse(time.dateTime)))
  }

  /** All of them, as the door tells. */
  show(notices: Told[]): void {
    if (fingerprint(notices) === this.#shown) return
    const news = notices.find((notice) => !this.notices.some((known) => known.id === notice.id))
    this.notices = notices
    this.#shown = fingerprint(notices)
    this.#list.replaceChildren(...notices.map(article))
    this.#list.hidden = notices.length === 0
    if (news) this.announce(t('event.notice_new', { author: byline(news), text: news.text }))
  }

  /** The newest, as it comes with the audio. */
  heard(notice: Told): void {
    this.show([notice, ...this.notices.filter((known) => known.id !== notice.id)])
  }
}

function fingerprint(notices: Told[]): string {
  return JSON.stringify(notices.map(({ id, text, link }) => [id, text, link]))
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
